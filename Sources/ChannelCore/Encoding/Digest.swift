internal import CCrypto

/// A message digest: the raw bytes, and their spelling in hexadecimal.
public struct Digest: Sendable, Hashable, CustomStringConvertible {
  /// The digest's bytes: 32 for SHA-256, 16 for MD5.
  public let bytes: [UInt8]

  package init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Reads hexadecimal digits; nil when the text is anything else.
  package init?(hexadecimal text: String) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count / 2)
    var high: UInt8?
    for digit in text.utf8 {
      guard let value = Self.value(of: digit) else { return nil }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    guard high == nil else { return nil }
    self.bytes = bytes
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// Lower-case hexadecimal, as records and shard names spell it.
  public var description: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
      for (index, byte) in bytes.enumerated() {
        buffer[index * 2] = digits[Int(byte >> 4)]
        buffer[index * 2 + 1] = digits[Int(byte & 0xF)]
      }
      return bytes.count * 2
    }
  }

  /// The SHA-256 digest of bytes in memory.
  package static func sha256(of bytes: some Collection<UInt8>) -> Digest {
    let stream = DigestStream(.sha256)
    let isContiguous: Void? = bytes.withContiguousStorageIfAvailable {
      stream.update(UnsafeRawBufferPointer($0))
    }
    if isContiguous == nil { Array(bytes).withUnsafeBytes { stream.update($0) } }
    return stream.finish()
  }
}

/// Computes one digest after another of bytes that come in pieces.
package struct DigestStream: ~Copyable {
  package enum Algorithm: String, Sendable {
    case md5 = "MD5"
    case sha256 = "SHA256"
  }

  // Fetched once: an implicit fetch at each start would take a lock shared by all threads.
  private let method: OpaquePointer
  private let context: OpaquePointer
  private let size: Int

  package init(_ algorithm: Algorithm) {
    // "-fips": MD5 names a file here and protects nothing, so it is wanted on such systems as well.
    guard let method = EVP_MD_fetch(nil, algorithm.rawValue, "-fips"),
      let context = EVP_MD_CTX_new()
    else { preconditionFailure("libcrypto offers no \(algorithm.rawValue)") }
    self.method = method
    self.context = context
    size = algorithm == .md5 ? 16 : 32
    start()
  }

  deinit {
    EVP_MD_CTX_free(context)
    EVP_MD_free(method)
  }

  package borrowing func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// The digest of what came since the last call; the stream is then ready for the next.
  package borrowing func finish() -> Digest {
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
      count = size
    }
    start()
    return Digest(bytes: bytes)
  }

  private borrowing func start() {
    EVP_DigestInit_ex2(context, method, nil)
  }
}
