/// A file or listing in every coding in which it can be sent.
final class FileResource {
  let plain: Representation
  /// The same content as it lies packed beside it, the most welcome coding first.
  private let packed: [(coding: ContentCoding, representation: Representation)]
  /// Packed here, on first demand.
  private lazy var gzipped: Representation? = plain.gzipped()
  private let mayBeGzipped: Bool

  init(
    plain: Representation,
    packed: [(coding: ContentCoding, representation: Representation)] = [],
    mayBeGzipped: Bool = false
  ) {
    self.plain = plain
    self.packed = packed
    self.mayBeGzipped = mayBeGzipped
  }

  var representations: [Representation] { [plain] + packed.map(\.representation) }

  /// The representation that a request's Accept-Encoding prefers.
  ///
  /// RFC 9110 section 12.5.3; among equals a packed one, which is smaller.
  func choose(for head: RequestHead, in bytes: Span<UInt8>) -> Representation {
    guard mayBeGzipped || !packed.isEmpty, head.present.contains(.only(.acceptEncoding)) else {
      return plain
    }
    var accepted = AcceptedCodings()
    for field in head.fields where field.name == .acceptEncoding {
      accepted.add(bytes.extracting(field.value))
    }
    var (best, weight) = (plain, 0)
    for (coding, representation) in packed where accepted.weight(of: coding) > weight {
      (best, weight) = (representation, accepted.weight(of: coding))
    }
    if mayBeGzipped, accepted.weight(of: .gzip) > weight, let gzipped { best = gzipped }
    return best
  }
}
