/// A number of bytes, as people write it: `500M`, `4G`; units are powers of 1024.
package struct ByteCount: Sendable, Hashable {
  package let bytes: Int

  /// Reads a whole number and perhaps a unit; nil for anything else.
  package init?(_ text: String) {
    let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
    let unit = text.last.flatMap { units[Character($0.uppercased())] }
    guard let count = Int(unit == nil ? text[...] : text.dropLast()), count > 0 else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: unit ?? 1)
    guard !overflow else { return nil }
    self.bytes = bytes
  }
}
