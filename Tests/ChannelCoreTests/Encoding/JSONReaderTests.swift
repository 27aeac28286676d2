import ChannelCore
import Testing

@Suite struct JSONReaderTests {
  @Test(arguments: [
    ("null", JSONValue.null), ("true", .bool(true)), (" \t\r\nfalse \n", .bool(false)),
    ("\"\"", .string("")), ("[]", .array([])), ("{}", .object(JSONObject())),
    ("[1,[2]]", .array([.number("1"), .array([.number("2")])])),
    ("\u{FEFF}\"after a byte order mark\"", .string("after a byte order mark")),
  ])
  func `what RFC 8259 allows is read`(text: String, value: JSONValue) throws {
    #expect(try JSONReader.value(in: Array(text.utf8)) == value)
  }

  @Test(arguments: [
    "", " ", "\u{FEFF}", "nul", "nulll", "True", "NaN", "Infinity", "-Infinity", "undefined", "'a'",
    "a", "[", "]", "[1,]", "[,1]", "[1 2]", "[1,,2]", "[1}", "{", "}", "{\"a\"}", "{\"a\":}",
    "{\"a\":1,}", "{,}", "{a:1}", "{1:2}", "{'a':1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}",
    "{\"a\":1]", "1 2", "{} {}", "[] ,", "null\u{0}", "\u{0}",
    "// comment\n1", "/* */ 1", "1 # one",
    "\u{A0}1", "\u{C}1", "[1]\u{FEFF}", "\u{FEFF}\u{FEFF}1",
  ])
  func `what RFC 8259 does not allow is refused`(text: String) {
    #expect(throws: JSONError.self) { try JSONReader.value(in: Array(text.utf8)) }
  }

  @Test(arguments: [
    "0", "-0", "1", "-1", "10", "1.0", "1.50", "0.0001", "1e3", "1E3", "1e+3", "1e-3", "1.5E-07",
    "123456789012345678901234567890", "1e400",
  ])
  func `a number keeps its spelling`(text: String) throws {
    #expect(try JSONReader.value(in: Array(text.utf8)) == .number(text))
    #expect(try JSONReader.value(in: Array("[\(text)]".utf8)) == .array([.number(text)]))
  }

  @Test(arguments: [
    "+1", "01", "-01", "00", ".5", "-.5", "1.", "1.e3", "-", "--1", "1e", "1e+", "1e-", "1e1.5",
    "0x10", "1_000", "1,000", "١", "1f", "1-", "- 1", "1 .5",
  ])
  func `a number that RFC 8259 does not know is refused`(text: String) {
    #expect(throws: JSONError.self) { try JSONReader.value(in: Array(text.utf8)) }
  }

  @Test(arguments: [
    (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"), (#"\u0041\u00e9\u20AC\u20ac"#, "Aé€€"),
    (#"\u0000"#, "\0"), (#"\ud83d\ude00"#, "😀"), (#"\uD83D\uDE00"#, "😀"),
    (#"\ud800\udc00\udbff\udfff"#, "\u{10000}\u{10FFFF}"), (#"\ud7ff\ue000"#, "\u{D7FF}\u{E000}"),
    (#"é\né"#, "é\né"), (#"\\u0041"#, #"\u0041"#), (#"\uffff\ufffe"#, "\u{FFFF}\u{FFFE}"),
    ("\u{7F}\u{2028}", "\u{7F}\u{2028}"),
  ])
  func `an escape stands for its character`(escaped: String, plain: String) throws {
    let value = try JSONReader.value(in: Array("\"\(escaped)\"".utf8))
    #expect(value.string.map { Array($0.utf8) } == Array(plain.utf8))
  }

  @Test(arguments: [
    #"\a"#, #"\x41"#, #"\'"#, #"\0"#, #"\U0041"#, #"\"#, #"\u"#, #"\u004"#, #"\u00g0"#, #"\u+041"#,
    #"\ud83d"#, #"\ude00"#, #"\ud83dx"#, #"\ud83d\n"#, #"\ud83d\u0041"#, #"\ud83d\ud83d"#,
    #"\ude00\ud83d"#, #"\ud83d\ude0"#, "\n", "\t", "\u{0}", "\u{1F}", "a\\nb\u{1}",
  ])
  func `a string with a broken escape or a bare control character is refused`(text: String) {
    #expect(throws: JSONError.self) { try JSONReader.value(in: Array("\"\(text)\"".utf8)) }
    #expect(throws: JSONError.self) { try JSONReader.value(in: Array("{\"\(text)\":1}".utf8)) }
  }

  @Test(
    arguments: [
      [0x80], [0xFF], [0xC3], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xF0, 0x9F, 0x98],
    ] as [[UInt8]])
  func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    #expect(throws: JSONError.self) { try JSONReader.value(in: [quote] + bytes + [quote]) }
    #expect(throws: JSONError.self) {
      try JSONReader.value(in: Array(#""\n"#.utf8) + bytes + Array(#"\n""#.utf8))
    }
    #expect(throws: JSONError.self) { try JSONReader.value(in: bytes) }
  }

  @Test func `UTF-16 is refused`() {
    #expect(throws: JSONError.self) { try JSONReader.value(in: [0xFF, 0xFE, 0x31, 0x00]) }
    #expect(throws: JSONError.self) { try JSONReader.value(in: [0x00, 0x31]) }
  }

  @Test func `every truncation of a document is an error`() throws {
    let text =
      #"{"name":"a\u00e9\ud83d\ude00é","n":[-1.5e+10,0,true,false,null],"o":{"":{}}}"#
    let document = Array(text.utf8)
    #expect(throws: Never.self) { try JSONReader.value(in: document) }
    for end in 0..<document.count {
      let error = #expect(throws: JSONError.self, "cut at \(end)") {
        try JSONReader.value(in: Array(document[..<end]))
      }
      #expect((0...end).contains(error?.offset ?? -1), "cut at \(end)")
    }
  }

  @Test func `no single byte changed within a document makes the reader trap`() {
    let document = Array(#"{"a":[1,"\u0041é",{"b":null}],"c":-0.5e-1}"#.utf8)
    var accepted = 0
    for index in document.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = document
        changed[index] = byte
        if (try? JSONReader.value(in: changed)) != nil { accepted += 1 }
      }
    }
    #expect(accepted > document.count)
    #expect(accepted < document.count * 256 / 2)
  }

  @Test(arguments: ["[", "{\"a\":", "[{\"a\":"])
  func `nesting is bounded and the error says so`(opening: String) {
    let deep = Array(String(repeating: opening, count: 100_000).utf8)
    let error = #expect(throws: JSONError.self) { try JSONReader.value(in: deep) }
    #expect(error?.reason.contains("\(JSONReader.depthLimit) levels") == true)
    #expect(error?.offset ?? .max < 1000)
  }

  @Test func `nesting up to the limit is read`() throws {
    let levels = JSONReader.depthLimit
    let text = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    let value = try JSONReader.value(in: Array(text.utf8))
    #expect(JSONWriter.bytes(of: value) == Array(text.utf8))
  }

  @Test func `of members with one name the last wins`() throws {
    let object = try #require(
      try JSONReader.value(in: Array(#"{"b":1,"a":2,"b":3,"a":4,"\u0062":5}"#.utf8)).object)
    #expect(object.members.map(\.name) == ["a", "b"])
    #expect(object["a"] == .number("4"))
    #expect(object["b"] == .number("5"))
  }

  @Test func `names that only look the same stay apart`() throws {
    let object = try #require(
      try JSONReader.value(in: Array(#"{"\u00e9":1,"e\u0301":2}"#.utf8)).object)
    #expect(object.members.count == 2)
    #expect(object["\u{E9}"] == .number("1"))
    #expect(object["e\u{301}"] == .number("2"))
  }

  @Test func `an error names the byte and prints as one line`() {
    let error = #expect(throws: JSONError.self) {
      try JSONReader.value(in: Array(#"{"a": x}"#.utf8))
    }
    #expect(error?.description == "invalid JSON at byte 6: expected a value")
  }

  @Test func `members and elements can be read one at a time`() throws {
    var reader = JSONReader(Array(#" { "a" : [1, {"x":"]"}] , "b":[] } "#.utf8))
    var elements: [String: [JSONValue]] = [:]
    try reader.forEachMember { (name, reader) throws(JSONError) in
      elements[name] = []
      try reader.forEachElement { (reader) throws(JSONError) in
        elements[name]?.append(try reader.value())
      }
    }
    try reader.end()
    #expect(elements == ["a": [.number("1"), .object(["x": .string("]")])], "b": []])
  }
}
