import ChannelCore
import Testing

@Suite struct DigestTests {
  /// RFC 1321 and FIPS 180-4.
  @Test(arguments: [
    (
      "", "d41d8cd98f00b204e9800998ecf8427e",
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    ),
    (
      "abc", "900150983cd24fb0d6963f7d28e17f72",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    ),
    (
      String(repeating: "a", count: 1_000_000), "7707d6ae4e027c70eea2a935c2296f21",
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func `the published vectors come out`(text: String, md5: String, sha256: String) {
    let bytes = Array(text.utf8)
    #expect(digest(.md5, of: [bytes]) == md5)
    #expect(digest(.sha256, of: [bytes]) == sha256)
    #expect(Digest.sha256(of: bytes).description == sha256)
    #expect(Digest.sha256(of: bytes[...]).description == sha256)
    #expect(Digest.sha256(of: bytes.lazy.map { $0 }).description == sha256)
  }

  @Test(arguments: [DigestStream.Algorithm.md5, .sha256])
  func `pieces of any length make the same digest as the whole`(algorithm: DigestStream.Algorithm) {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let whole = digest(algorithm, of: [bytes])
    for length in [1, 3, 63, 64, 65, 299] {
      let pieces = stride(from: 0, to: bytes.count, by: length).map { start in
        Array(bytes[start..<min(start + length, bytes.count)])
      }
      #expect(digest(algorithm, of: pieces) == whole)
    }
  }

  @Test func `a stream begins anew after each digest, and after input that nobody finished`() {
    let stream = DigestStream(.md5)
    Array("abc".utf8).withUnsafeBytes { stream.update($0) }
    #expect(stream.finish().description == "900150983cd24fb0d6963f7d28e17f72")
    #expect(stream.finish().description == "d41d8cd98f00b204e9800998ecf8427e")
    Array("left over".utf8).withUnsafeBytes { stream.update($0) }
    _ = stream.finish()
    Array("abc".utf8).withUnsafeBytes { stream.update($0) }
    #expect(stream.finish().description == "900150983cd24fb0d6963f7d28e17f72")
  }

  private func digest(_ algorithm: DigestStream.Algorithm, of pieces: [[UInt8]]) -> String {
    let stream = DigestStream(algorithm)
    for piece in pieces { piece.withUnsafeBytes { stream.update($0) } }
    return stream.finish().description
  }
}
