#define _GNU_SOURCE
#include "CCrypt.h"
#include <crypt.h>
#include <stdlib.h>
#include <string.h>

int ccrypt_matches(const char *password, const char *hash) {
  struct crypt_data *data = calloc(1, sizeof *data);
  if (data == NULL) return 0;
  const char *made = crypt_r(password, hash, data);
  size_t length = strlen(hash);
  // What cannot be computed begins with a star, in some versions as text, in others as NULL.
  int matches = made != NULL && made[0] != '*' && strlen(made) == length;
  if (matches) {
    unsigned char difference = 0;
    for (size_t index = 0; index < length; index++)
      difference |= (unsigned char)(made[index] ^ hash[index]);
    matches = difference == 0;
  }
  explicit_bzero(data, sizeof *data);
  free(data);
  return matches;
}
