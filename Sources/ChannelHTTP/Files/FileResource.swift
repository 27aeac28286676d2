/// A file in every coding in which it lies ready.
struct FileResource {
  var plain: Representation
  /// The same content packed, the most welcome coding first.
  var packed: [(coding: ContentCoding, representation: Representation)] = []

  /// The representation that a request's Accept-Encoding prefers.
  ///
  /// RFC 9110 section 12.5.3; among equals the smaller one, which is the packed one.
  func choose(for head: RequestHead, in bytes: Span<UInt8>) -> Representation {
    guard !packed.isEmpty, head.present.contains(.only(.acceptEncoding)) else { return plain }
    var accepted = AcceptedCodings()
    for field in head.fields where field.name == .acceptEncoding {
      accepted.add(bytes.extracting(field.value))
    }
    var (best, weight) = (plain, 0)
    for (coding, representation) in packed where accepted.weight(of: coding) > weight {
      (best, weight) = (representation, accepted.weight(of: coding))
    }
    return best
  }
}
