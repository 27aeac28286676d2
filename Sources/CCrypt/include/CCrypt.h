#pragma once
// Passwords as crypt(3) keeps them. A wrapper, because the memory that crypt_r(3) works in would be
// a tuple of thirty thousand members in Swift.

// Whether `password` is the one that `hash` was made of: 1 or 0. It takes as long as the hash is
// meant to take, and a comparison that does not tell how much was right.
int ccrypt_matches(const char *password, const char *hash);
