/// Metrics in the text format that Prometheus reads, version 0.0.4.
///
/// A family is begun, and then its samples are added:
///
///     var text = MetricsText()
///     text.begin("channel_packages", .gauge, "Packages that the index lists.")
///     text.add(12, labels: ["subdir": "noarch"])
///
/// Names of families and labels are for the caller to choose well; help and the values of labels
/// may be any text.
public struct MetricsText: Sendable {
  /// What kind of a number a family's samples are.
  public enum Kind: String, Sendable, Hashable {
    /// Only ever goes up; by custom its name ends in `_total`.
    case counter
    /// Goes up and down.
    case gauge
    /// Observations counted by size.
    case histogram
  }

  /// The text so far.
  public private(set) var bytes: [UInt8] = []
  private var family = ""

  /// Creates an empty text.
  public init() {}

  /// Begins a family, which no text may have twice.
  public mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    family = name
    append("# HELP \(name) ")
    appendEscaped(help, escapesQuotes: false)
    append("\n# TYPE \(name) \(kind.rawValue)\n")
  }

  /// Adds a sample to the family that was begun last.
  public mutating func add(_ value: Int, labels: KeyValuePairs<String, String> = [:]) {
    addSample("", labels, "\(value)")
  }

  /// Adds a sample to the family that was begun last.
  public mutating func add(_ value: Double, labels: KeyValuePairs<String, String> = [:]) {
    addSample("", labels, Self.text(of: value))
  }

  /// Adds the samples of a histogram.
  ///
  /// - Parameters:
  ///   - bounds: The upper bounds of its buckets, in rising order.
  ///   - counts: How many observations fell into each bucket alone, and last how many exceeded all.
  ///   - sum: All observations added up.
  public mutating func addHistogram(bounds: [Double], counts: [Int], sum: Double) {
    var total = 0
    for (bound, count) in zip(bounds + [.infinity], counts) {
      total += count
      addSample("_bucket", ["le": Self.text(of: bound)], "\(total)")
    }
    addSample("_sum", [:], Self.text(of: sum))
    addSample("_count", [:], "\(total)")
  }

  /// The text as the response to a scrape.
  public var response: HTTPResponse {
    HTTPResponse(
      fields: [HTTPField("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
      body: .bytes(bytes))
  }

  private mutating func addSample(
    _ suffix: String, _ labels: KeyValuePairs<String, String>, _ value: String
  ) {
    append(family)
    append(suffix)
    for (index, label) in labels.enumerated() {
      append(index == 0 ? "{" : ",")
      append(label.key)
      append("=\"")
      appendEscaped(label.value, escapesQuotes: true)
      append("\"")
    }
    append(labels.isEmpty ? " " : "} ")
    append(value)
    append("\n")
  }

  private mutating func append(_ text: String) {
    bytes += text.utf8
  }

  private mutating func appendEscaped(_ text: String, escapesQuotes: Bool) {
    for byte in text.utf8 {
      switch byte {
      case ASCII.lineFeed: append("\\n")
      case 0x5C: append("\\\\")
      case ASCII.quote where escapesQuotes: append("\\\"")
      default: bytes.append(byte)
      }
    }
  }

  private static func text(of value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return "\(value)"
  }
}
