/// Unpacks the documents of a channel again, to compare them with one another.
enum Decompression {
  /// No document is larger; a file that claims to be is damaged.
  private static let limit = 4 << 30

  /// What a file of Zstandard frames holds; nil when it is damaged.
  static func zstandard(_ bytes: [UInt8]) -> [UInt8]? {
    var decoder = ZstandardDecoder()
    decoder.open()
    return bytes.withUnsafeBytes { source in
      decoder.feed(source)
      var output: [UInt8] = []
      do throws(ZstandardError) {
        while let piece = try decoder.next() {
          guard output.count + piece.count <= limit else { return nil }
          output += piece
        }
        try decoder.finish()
        return output
      } catch {
        return nil
      }
    }
  }

  /// What a bzip2 file holds; nil when it is damaged.
  static func bzip2(_ bytes: [UInt8]) -> [UInt8]? {
    var decoder = Bzip2Decoder()
    return bytes.withUnsafeBytes { source in
      decoder.open(source)
      var output: [UInt8] = []
      do throws(Bzip2Error) {
        while true {
          let piece = try decoder.next()
          if piece.isEmpty { return output }
          guard output.count + piece.count <= limit else { return nil }
          output += piece
        }
      } catch {
        return nil
      }
    }
  }
}
