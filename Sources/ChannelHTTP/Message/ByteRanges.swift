/// The parts of a representation that a request asks for.
///
/// RFC 9110 section 14.
package enum ByteRanges: Sendable, Hashable {
  /// The whole representation: no range was asked for, or none in a way that is served.
  case whole
  /// At least one range, ascending, apart from each other, none empty.
  case parts([Range<Int>])
  case unsatisfiable

  /// More ranges than any client needs; what asks for more gets the whole.
  static let maximumCount = 32

  /// Reads a Range field against a representation of `size` bytes.
  package init(_ field: Span<UInt8>, size: Int) {
    var equals = 0
    while equals < field.count, field[equals] != ASCII.equals { equals += 1 }
    guard equals < field.count else {
      self = .unsatisfiable
      return
    }
    guard field.extracting(0..<equals).equalsIgnoringCase("bytes") else {
      self = .whole
      return
    }
    var parts: [Range<Int>] = []
    var start = equals + 1
    var (count, malformed) = (0, false)
    while start <= field.count {
      var end = start
      while end < field.count, field[end] != ASCII.comma { end += 1 }
      let member = field.trimmed(start..<end)
      start = end + 1
      guard !member.isEmpty else { continue }
      count += 1
      guard count <= Self.maximumCount else {
        self = .whole
        return
      }
      switch Self.part(field.extracting(member), size: size) {
      case .part(let part): parts.append(part)
      case .beyond: break
      case .malformed: malformed = true
      }
    }
    guard !malformed, !parts.isEmpty else {
      self = .unsatisfiable
      return
    }
    self = .parts(Self.coalesced(parts))
  }

  private enum Part {
    case part(Range<Int>), beyond, malformed
  }

  /// One of `first-last`, `first-` and `-length`.
  private static func part(_ text: Span<UInt8>, size: Int) -> Part {
    guard let dash = text.indices.first(where: { text[$0] == ASCII.minus }) else {
      return .malformed
    }
    let (first, last) = (text.extracting(0..<dash), text.extracting(dash + 1..<text.count))
    guard isNumber(first), isNumber(last), !(first.isEmpty && last.isEmpty) else {
      return .malformed
    }
    // A number too large for an Int is beyond the end of every file.
    let lastValue = last.decimalValue() ?? .max
    if first.isEmpty {
      let length = min(lastValue, size)
      return length > 0 ? .part(size - length..<size) : .beyond
    }
    let firstValue = first.decimalValue() ?? .max
    guard last.isEmpty || firstValue <= lastValue else { return .malformed }
    guard firstValue < size else { return .beyond }
    return .part(firstValue..<(last.isEmpty ? size : min(lastValue, size - 1) + 1))
  }

  private static func isNumber(_ text: Span<UInt8>) -> Bool {
    for index in text.indices where !text[index].isDigit { return false }
    return true
  }

  /// Sorted, with ranges joined that overlap, touch, or lie closer than a part's own head is long.
  private static func coalesced(_ parts: [Range<Int>]) -> [Range<Int>] {
    guard parts.count > 1 else { return parts }
    var result: [Range<Int>] = []
    for part in parts.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, part.lowerBound - last.upperBound <= 80 {
        result[result.count - 1] = last.lowerBound..<max(last.upperBound, part.upperBound)
      } else {
        result.append(part)
      }
    }
    return result
  }
}
