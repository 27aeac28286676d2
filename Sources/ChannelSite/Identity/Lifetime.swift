/// How long something is good, as people write it: `90d`, `12h`, `30m`, `2w`.
package struct Lifetime: Sendable, Hashable {
  package let milliseconds: Int

  /// Reads a whole number and a unit; nil for anything else, and for more than a hundred years.
  package init?(_ text: String) {
    let units = ["m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000]
    guard let unit = text.last.flatMap({ units[String($0)] }), let count = Int(text.dropLast()),
      (1...3_153_600_000_000 / unit).contains(count)
    else { return nil }
    milliseconds = count * unit
  }
}
