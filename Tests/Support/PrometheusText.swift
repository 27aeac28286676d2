/// Metrics in the text format of Prometheus, version 0.0.4, read as strictly as it can be.
package struct PrometheusText {
  /// A sample's name with its labels in order, as in `a_total{b="c"}`, and its value.
  package private(set) var samples: [String: Double] = [:]
  /// The kinds of the families.
  package private(set) var kinds: [String: String] = [:]

  package struct Malformed: Error, CustomStringConvertible {
    package let description: String
  }

  private var helped: Set<String> = []
  private var family = ""
  /// The buckets of the histogram that is being read.
  private var buckets: [(bound: Double, count: Double)] = []

  package init(_ text: String) throws(Malformed) {
    guard text.hasSuffix("\n") else { throw Malformed(description: "no line feed at the end") }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if line.hasPrefix("# HELP ") {
        try readHelp(line.dropFirst(7))
      } else if line.hasPrefix("# TYPE ") {
        try readType(line.dropFirst(7))
      } else {
        try readSample(line)
      }
    }
    try endFamily()
  }

  /// The value of a sample whose labels hold all of `labels`; they must mean just one.
  package func value(_ name: String, _ labels: String...) throws(Malformed) -> Double {
    let found = samples.filter { sample in
      sample.key.prefix { $0 != "{" } == name && labels.allSatisfy(sample.key.contains)
    }
    guard found.count == 1, let value = found.first?.value else {
      throw Malformed(description: "\(found.count) samples of \(name) \(labels)")
    }
    return value
  }

  private mutating func readHelp(_ line: Substring) throws(Malformed) {
    try endFamily()
    let name = String(line.prefix { $0 != " " })
    guard Self.isName(name), helped.insert(name).inserted, kinds[name] == nil,
      line.count > name.count + 1
    else { throw Malformed(description: "# HELP \(line)") }
    try Self.checkEscapes(line, in: ["\\", "n"])
    family = name
  }

  private mutating func readType(_ line: Substring) throws(Malformed) {
    let parts = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, parts[0] == family, kinds[family] == nil,
      ["counter", "gauge", "histogram", "summary", "untyped"].contains(parts[1])
    else { throw Malformed(description: "# TYPE \(line)") }
    kinds[family] = parts[1]
  }

  private mutating func readSample(_ line: Substring) throws(Malformed) {
    let malformed = Malformed(description: "\(line)")
    let name = String(line.prefix { $0 != "{" && $0 != " " })
    guard Self.isName(name), let kind = kinds[family] else { throw malformed }
    let suffix = name.dropFirst(family.count)
    guard name.hasPrefix(family),
      kind == "histogram" ? ["_bucket", "_sum", "_count"].contains(suffix) : suffix.isEmpty
    else { throw malformed }
    var rest = line.dropFirst(name.count)
    let labels = rest.first == "{" ? try Self.readLabels(&rest) : []
    guard Set(labels.map(\.name)).count == labels.count else { throw malformed }
    guard rest.first == " ", let value = Self.number(rest.dropFirst()) else { throw malformed }
    guard kind == "gauge" || value >= 0 else { throw malformed }
    let series = String(line.dropLast(rest.count))
    guard samples.updateValue(value, forKey: series) == nil else { throw malformed }
    guard kind == "histogram" else { return }
    switch suffix {
    case "_bucket":
      guard labels.count == 1, labels[0].name == "le", let bound = Self.number(labels[0].value[...])
      else { throw malformed }
      buckets.append((bound, value))
    case "_count":
      guard buckets.last?.count == value else { throw malformed }
    default:
      break
    }
  }

  private mutating func endFamily() throws(Malformed) {
    defer { buckets = [] }
    guard !family.isEmpty else { return }
    guard let kind = kinds[family] else { throw Malformed(description: "no type of \(family)") }
    guard kind == "histogram" else { return }
    let isRising = zip(buckets, buckets.dropFirst()).allSatisfy {
      $0.bound < $1.bound && $0.count <= $1.count
    }
    guard isRising, buckets.last?.bound == .infinity, samples["\(family)_count"] != nil,
      samples["\(family)_sum"] != nil
    else { throw Malformed(description: "the histogram \(family)") }
  }

  private static func readLabels(
    _ rest: inout Substring
  ) throws(Malformed) -> [(name: String, value: String)] {
    let malformed = Malformed(description: "\(rest)")
    var labels: [(name: String, value: String)] = []
    repeat {
      rest.removeFirst()
      let name = String(rest.prefix { $0 != "=" })
      rest = rest.dropFirst(name.count)
      guard isName(name), !name.contains(":"), rest.hasPrefix("=\"") else { throw malformed }
      rest = rest.dropFirst(2)
      var value = ""
      while let character = rest.popFirst(), character != "\"" {
        guard character == "\\" else {
          value.append(character)
          continue
        }
        switch rest.popFirst() {
        case "n": value.append("\n")
        case "\\": value.append("\\")
        case "\"": value.append("\"")
        default: throw malformed
        }
      }
      labels.append((name, value))
    } while rest.first == ","
    guard rest.popFirst() == "}" else { throw malformed }
    return labels
  }

  private static func number(_ text: Substring) -> Double? {
    switch text {
    case "+Inf": .infinity
    case "-Inf": -.infinity
    case "NaN": .nan
    default: text.allSatisfy { "0123456789.eE+-".contains($0) } ? Double(text) : nil
    }
  }

  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return text.utf8.allSatisfy {
      switch $0 {
      case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x5F: true
      default: false
      }
    }
  }

  private static func checkEscapes(
    _ text: Substring, in allowed: Set<Character>
  ) throws(Malformed) {
    var characters = text.makeIterator()
    while let character = characters.next() {
      guard character == "\\" else { continue }
      guard let escaped = characters.next(), allowed.contains(escaped) else {
        throw Malformed(description: "\(text)")
      }
    }
  }
}
