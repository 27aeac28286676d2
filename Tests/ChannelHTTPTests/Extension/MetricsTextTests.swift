import ChannelHTTP
import Support
import Testing

@Suite struct MetricsTextTests {
  @Test func `a family has its help, its type and its samples`() throws {
    var text = MetricsText()
    text.begin("a_total", .counter, "Things\nand \\ more")
    text.add(1, labels: ["b": "x", "c": "y"])
    text.begin("d", .gauge, "Others")
    text.add(0.25)

    #expect(
      String(decoding: text.bytes, as: UTF8.self) == """
        # HELP a_total Things\\nand \\\\ more
        # TYPE a_total counter
        a_total{b="x",c="y"} 1
        # HELP d Others
        # TYPE d gauge
        d 0.25

        """)
  }

  @Test(arguments: ["plain", "a\"b", "a\\b", "a\nb", "a,b}", "é"])
  func `the value of a label may be any text`(_ value: String) throws {
    var text = MetricsText()
    text.begin("a", .gauge, "h")
    text.add(1, labels: ["b": value, "c": "d"])
    let read = try PrometheusText(String(decoding: text.bytes, as: UTF8.self))

    #expect(try read.value("a", "c=\"d\"") == 1)
    #expect(read.samples.count == 1)
  }

  @Test(arguments: [
    (Double.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e-9, "1e-09"),
  ])
  func `numbers beyond the ordinary are written as readers want them`(
    _ value: Double, _ written: String
  ) throws {
    var text = MetricsText()
    text.begin("a", .gauge, "h")
    text.add(value)

    #expect(String(decoding: text.bytes, as: UTF8.self).hasSuffix("a \(written)\n"))
  }

  @Test func `the buckets of a histogram add up`() throws {
    var text = MetricsText()
    text.begin("t_seconds", .histogram, "h")
    text.addHistogram(bounds: [0.1, 1], counts: [3, 0, 2], sum: 7.5)
    let read = try PrometheusText(String(decoding: text.bytes, as: UTF8.self))

    #expect(try read.value("t_seconds_bucket", "le=\"0.1\"") == 3)
    #expect(try read.value("t_seconds_bucket", "le=\"1.0\"") == 3)
    #expect(try read.value("t_seconds_bucket", "le=\"+Inf\"") == 5)
    #expect(try read.value("t_seconds_count") == 5)
    #expect(try read.value("t_seconds_sum") == 7.5)
  }

  @Test(arguments: [
    "a 1\n", "# TYPE a gauge\na 1\n", "# HELP a h\n# TYPE a gauge\na 1",
    "# HELP a h\n# TYPE a gauge\na 1\na 2\n", "# HELP a h\n# TYPE a gauge\nb 1\n",
    "# HELP a h\n# TYPE a counter\na -1\n", "# HELP a h\n# TYPE a gauge\na{b=\"\\x\"} 1\n",
    "# HELP a h\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
    "# HELP a h\n# TYPE a gauge\na 0x1\n", "# HELP a h\n# TYPE a gauge\n1a 1\n",
  ])
  func `the tests' own reader refuses what is malformed`(_ text: String) {
    #expect(throws: PrometheusText.Malformed.self) { try PrometheusText(text) }
  }
}
