import ChannelCore
import Testing

/// The YAML that build tools leave in packages, read as a full YAML reader reads it.
@Suite struct YAMLReaderTests {
  private func read(_ text: String) throws(YAMLError) -> String {
    "\(try YAMLReader.value(in: Array(text.utf8)))"
  }

  @Test(arguments: [
    ("", "null"), ("\n\n", "null"), ("# only a comment\n", "null"), ("---\n", "null"),
    ("a", #""a""#), ("a: b", #"{"a":"b"}"#), ("a: b\r\nc: d\r\n", #"{"a":"b","c":"d"}"#),
    ("a:\n  b: c\n", #"{"a":{"b":"c"}}"#), ("a:\n", #"{"a":null}"#),
    ("a:\nb: c\n", #"{"a":null,"b":"c"}"#), ("---\na: b\n", #"{"a":"b"}"#),
    ("a: b\n\n\nc: d\n", #"{"a":"b","c":"d"}"#),
  ])
  func `blocks are read`(text: String, expected: String) throws {
    #expect(try read(text) == expected)
  }

  @Test(arguments: [
    ("- a\n- b\n", #"["a","b"]"#), ("weak:\n  - a\n  - b\n", #"{"weak":["a","b"]}"#),
    ("weak:\n- a\n- b\nstrong:\n- c\n", #"{"strong":["c"],"weak":["a","b"]}"#),
    ("- - a\n  - b\n- - c\n", #"[["a","b"],["c"]]"#),
    ("-\n  - a\n", #"[["a"]]"#), ("- a: 1\n  b: 2\n- a: 3\n", #"[{"a":1,"b":2},{"a":3}]"#),
    ("a:\n  - b:\n      - c\n  - d\n", #"{"a":[{"b":["c"]},"d"]}"#),
    ("a:\n  -\n  - b\n", #"{"a":[null,"b"]}"#),
  ])
  func `sequences are read, and what they hold`(text: String, expected: String) throws {
    #expect(try read(text) == expected)
  }

  @Test(
    arguments: [
      ("a: null", "null"), ("a: ~", "null"), ("a: true", "true"), ("a: False", "false"),
      ("a: 12", "12"), ("a: 1.50", "1.50"), ("a: 1.2.3", #""1.2.3""#), ("a: '12'", #""12""#),
      ("a: \"null\"", #""null""#), ("a: >=1,<2", nil), ("a: b >=1,<2", #""b >=1,<2""#),
      ("a: it's", #""it's""#), ("a: 'it''s'", #""it's""#), ("a: \"x\\ty\"", #""x\ty""#),
      ("a: http://b/c", #""http://b/c""#), ("a: b:c", #""b:c""#), ("a: b # c", #""b""#),
      ("a: b#c", ##""b#c""##), ("a: 'b # c'", ##""b # c""##), ("a: \"b # c\" # d", ##""b # c""##),
      ("a:   b   ", #""b""#), ("'a': b", #""b""#), ("\"a\": b", #""b""#),
    ] as [(String, String?)])
  func `scalars have the type that YAML gives them`(text: String, expected: String?) throws {
    guard let expected else {
      #expect(throws: YAMLError.self) { try read(text) }
      return
    }
    #expect(try read(text) == #"{"a":\#(expected)}"#)
  }

  @Test(arguments: [
    ("a: one\n  two\n  three\nb: c", #"{"a":"one two three","b":"c"}"#),
    ("a:\n  one\n  two\nb: c", #"{"a":"one two","b":"c"}"#),
    ("a: 'one\n  two'\nb: c", #"{"a":"one two","b":"c"}"#),
    ("a: \"one\n  two\"\n", #"{"a":"one two"}"#),
    ("- one\n  two\n- three\n", #"["one two","three"]"#),
    ("a: [one,\n  two]\nb: c", #"{"a":["one","two"],"b":"c"}"#),
    ("a: {b: c,\n    d: e}\n", #"{"a":{"b":"c","d":"e"}}"#),
    ("a: b\n  - c\n d", #"{"a":"b - c d"}"#), ("a: |2+ # c\n  one\n", #"{"a":"one\n"}"#),
    ("a: |\n  one\n  two\nb: c", #"{"a":"one\ntwo\n","b":"c"}"#),
    ("a: |-\n  one\n    two\n", #"{"a":"one\n  two"}"#),
    ("a: >\n  one\n  two\n", #"{"a":"one two\n"}"#),
    ("a: >-\n  one\n  two\n", #"{"a":"one two"}"#),
    ("a: |\n  # no comment\n", ##"{"a":"# no comment\n"}"##),
  ])
  func `values go on over lines`(text: String, expected: String) throws {
    #expect(try read(text) == expected)
  }

  @Test(arguments: [
    ("[]", "[]"), ("{}", "{}"), ("[a, b]", #"["a","b"]"#), ("[a, b, ]", #"["a","b"]"#),
    ("[a b, 'c, d', \"e]\"]", #"["a b","c, d","e]"]"#),
    ("[[a], [b, [c]]]", #"[["a"],["b",["c"]]]"#),
    ("{a: 1, b: [2, 3], c: {d: e}}", #"{"a":1,"b":[2,3],"c":{"d":"e"}}"#),
    ("[b >=1] # comment", #"["b >=1"]"#), ("{weak: ['a >=1,<2']}", #"{"weak":["a >=1,<2"]}"#),
  ])
  func `flow collections are read`(text: String, expected: String) throws {
    #expect(try read(text) == expected)
    #expect(try read("x: \(text)") == #"{"x":\#(expected)}"#)
  }

  @Test(arguments: [
    "a:\n  # comment\n  b: c\n", "a: # comment\n  b: c\n", "# comment\na:\n\n  b: c # comment\n",
    "a:\n# far out\n  b: c\n",
  ])
  func `comments say nothing`(text: String) throws {
    #expect(try read(text) == #"{"a":{"b":"c"}}"#)
  }

  @Test(arguments: [
    "a: &x b", "a: *x", "a: !!str b", "&x a: b", "- *x", "%YAML 1.2", "a: @b", "a: `b`",
    "a: 'b", "a: \"b", "a: [b", "a: {b: c", "a: [b]]", "a: {b}", "a: b\n  c: d\n e: f\n",
    "a: b\nc\n", "- a\nb: c\n", "'a", "a: \"\\q\"", "a: 'b' c",
  ])
  func `what is not read here is refused with its line`(text: String) {
    let error = #expect(throws: YAMLError.self) { try read(text) }
    #expect(error.map { $0.line >= 1 && !$0.reason.isEmpty } == true)
  }

  @Test func `text that is not UTF-8 is refused`() {
    #expect(throws: YAMLError.self) { try YAMLReader.value(in: [0x61, 0x3A, 0x20, 0xFF]) }
  }

  @Test func `blocks and flow collections too deep are refused, not recursed into`() {
    let blocks = (0..<5_000).map { String(repeating: " ", count: $0) + "a:" }
    for text in [
      blocks.joined(separator: "\n"), String(repeating: "- ", count: 5_000) + "a",
      "a: " + String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000),
    ] {
      #expect(throws: YAMLError.self) { try read(text) }
    }
  }

  /// No text, however broken, may stop the run.
  @Test func `a text cut off or changed anywhere never traps`() throws {
    let text = Array(
      "# c\nweak:\n  - \"a >=1\"  # d\n  - {b: [c, 'd''e']}\nstrong: |\n  x\n\n  y\nz: [\n a,\n b]\n"
        .utf8)
    var refused = 0
    for end in text.indices {
      if (try? YAMLReader.value(in: Array(text[..<end]))) == nil { refused += 1 }
      for byte in Array("-:'\"[]{}#|\n ".utf8) {
        var changed = text
        changed[end] = byte
        if (try? YAMLReader.value(in: changed)) == nil { refused += 1 }
      }
    }
    #expect(refused > 10)
  }
}
