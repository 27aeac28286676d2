internal import CCrypto

/// The SHA-256 of `bytes`.
package func sha256(of bytes: some Collection<UInt8>) -> [UInt8] {
  let bytes = Array(bytes)
  var digest = [UInt8](repeating: 0, count: 32)
  EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil)
  return digest
}
