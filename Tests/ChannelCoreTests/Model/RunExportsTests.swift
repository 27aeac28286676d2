import ChannelCore
import Testing

@Suite struct RunExportsTests {
  private func fields(_ text: String) throws -> String {
    let value = try JSONReader.value(in: Array(text.utf8))
    return "\(JSONValue.object(try RunExports(value).fields))"
  }

  @Test(arguments: [
    ("null", "{}"), ("{}", "{}"), ("[]", "{}"), (#"["a >=1"]"#, #"{"weak":["a >=1"]}"#),
    (#""a""#, #"{"weak":["a"]}"#), (#"{"weak":"a"}"#, #"{"weak":["a"]}"#),
    (#"{"weak":[],"strong":null}"#, "{}"), (#"{"strong":["a"],"weak":[]}"#, #"{"strong":["a"]}"#),
    (
      #"{"weak":["a"],"strong":["b"],"noarch":["c"],"weak_constrains":["d"],"strong_constrains":["e"]}"#,
      #"{"noarch":["c"],"strong":["b"],"strong_constrains":["e"],"weak":["a"],"weak_constrains":["d"]}"#
    ),
    (#"{"weak":["a"],"schema_version":3,"unknown":{}}"#, #"{"weak":["a"]}"#),
  ])
  func `each form that build tools write is normalised`(text: String, expected: String) throws {
    #expect(try fields(text) == expected)
  }

  @Test(
    arguments: [
      ("1", nil), ("true", nil), ("[1]", nil), (#"["a",null]"#, nil), (#"{"weak":1}"#, "weak"),
      (#"{"strong":{"a":"b"}}"#, "strong"), (#"{"noarch":[["a"]]}"#, "noarch"),
    ] as [(String, String?)])
  func `any other form is refused with its kind`(text: String, field: String?) {
    let error = #expect(throws: RecordError.self) { try fields(text) }
    #expect(error?.field == field)
    #expect(error?.reason.contains("not a list of strings") == true)
  }
}
