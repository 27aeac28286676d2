/// A file or listing in every coding in which it can be sent.
final class FileResource {
  let plain: Representation
  /// The same content as it lies packed beside it, the most welcome coding first.
  private let packed: [(coding: ContentCoding, representation: Representation)]
  private let mayBeGzipped: Bool
  /// How far the packing has got that is done here, on first demand.
  private(set) var packing = Packing.untouched

  enum Packing {
    case untouched
    /// By the work with this number.
    case underWay(FileWork.Number)
    /// Nil when packing makes it no smaller.
    case finished(Representation?)
  }

  /// Content up to this many bytes is packed while its first request waits, which takes a
  /// millisecond; more of it by the pool.
  private static let packedAtOnce = 32_768

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

  /// What a request's Accept-Encoding prefers.
  enum Choice {
    case ready(Representation)
    /// A representation that has yet to be packed by the pool.
    case unpacked
  }

  /// Notes that the pool packs it.
  func beginPacking(_ number: FileWork.Number) {
    packing = .underWay(number)
  }

  func finishPacking(_ packed: Representation?) {
    packing = .finished(packed)
  }

  /// The representation that a request's Accept-Encoding prefers.
  ///
  /// RFC 9110 section 12.5.3; among equals a packed one, which is smaller.
  func choose(for head: RequestHead, in bytes: Span<UInt8>) -> Choice {
    guard mayBeGzipped || !packed.isEmpty, head.present.contains(.only(.acceptEncoding)) else {
      return .ready(plain)
    }
    var accepted = AcceptedCodings()
    for field in head.fields where field.name == .acceptEncoding {
      accepted.add(bytes.extracting(field.value))
    }
    var (best, weight) = (plain, 0)
    for (coding, representation) in packed where accepted.weight(of: coding) > weight {
      (best, weight) = (representation, accepted.weight(of: coding))
    }
    guard mayBeGzipped, accepted.weight(of: .gzip) > weight else { return .ready(best) }
    if case .untouched = packing, plain.size <= Self.packedAtOnce {
      packing = .finished(plain.gzipped())
    }
    guard case .finished(let packed) = packing else { return .unpacked }
    return .ready(packed ?? best)
  }
}
