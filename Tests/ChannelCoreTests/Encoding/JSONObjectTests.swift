import ChannelCore
import Testing

@Suite struct JSONObjectTests {
  private func object(_ text: String) throws -> JSONObject {
    try #require(try JSONReader.value(in: Array(text.utf8)).object)
  }

  @Test func `members stand in the order of their code points`() throws {
    let object = try object(#"{"b":0,"a":0,"é":0,"B":0,"a ":0,"":0,"\ud83d\ude00":0,"\uffff":0}"#)
    #expect(object.members.map(\.name) == ["", "B", "a", "a ", "b", "é", "\u{FFFF}", "😀"])
  }

  @Test func `a member set is found again, replaced and removed`() throws {
    var object = try object(#"{"b":1,"d":2}"#)
    for name in ["c", "a", "e"] { object[name] = .string(name) }
    #expect(object.members.map(\.name) == ["a", "b", "c", "d", "e"])
    object["c"] = .null
    #expect(object["c"] == .null)
    object["b"] = nil
    object["absent"] = nil
    #expect(object.members.map(\.name) == ["a", "c", "d", "e"])
    #expect(object["b"] == nil)
  }

  @Test(
    arguments: [
      ("1", 1), ("-0", nil), ("-1", -1), ("9223372036854775807", Int.max),
      ("9223372036854775808", nil),
      ("1.0", nil), ("1e3", nil), ("\"1\"", nil), ("true", nil),
    ] as [(String, Int?)])
  func `only a number without point and exponent is an integer`(text: String, integer: Int?) throws
  {
    #expect(try JSONReader.value(in: Array(text.utf8)).integer == integer)
  }

  @Test(
    arguments: [
      ("[]", []), (#"["a","b"]"#, ["a", "b"]), (#"["a",1]"#, nil), ("[null]", nil), (#""a""#, nil),
    ] as [(String, [String]?)])
  func `only an array of nothing but strings is strings`(text: String, strings: [String]?) throws {
    #expect(try JSONReader.value(in: Array(text.utf8)).strings == strings)
  }
}
