import ChannelCore
import Support
import SystemPackage
import Testing

@Suite struct NoticesTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
  }

  private func notices(_ text: String, name: String = "notices.json") throws -> Notices {
    let file = channel.directory(name)
    try file.write(text)
    return try Notices(contentsOf: file)
  }

  private static let good = [
    "id": #""a""#, "message": #""Hello""#, "level": #""info""#,
    "created_at": #""2026-01-01T00:00:00Z""#, "expires_at": #""2026-02-01T00:00:00Z""#,
  ]

  private static func json(_ changes: [String: String?]) -> String {
    var notice = good
    for (name, value) in changes { notice[name] = value }
    return "[\(JSONText.object(notice))]"
  }

  @Test func `notices are published with both names of their end, and times in UTC`() throws {
    let notices = try notices(Self.json(["expires_at": #""2026-02-01T01:30:00.5+01:30""#]))
    try channel.index { $0.documents.notices = notices }
    let expected = """
      {"notices":[{"created_at":"2026-01-01T00:00:00+00:00","expired_at":\
      "2026-02-01T00:00:00+00:00","expires_at":"2026-02-01T00:00:00+00:00","id":"a",\
      "level":"info","message":"Hello"}]}

      """
    #expect(try channel("notices.json").readText() == expected)
    #expect(try channel.index().channel.withdrawn == ["notices.json"])
  }

  @Test func `an empty list is published, so that clients forget what was there`() throws {
    let notices = try notices(#"{"notices":[]}"#)
    try channel.index { $0.documents.notices = notices }
    #expect(try channel("notices.json").readText() == "{\"notices\":[]}\n")
  }

  @Test func `notices can be written in YAML, and with the older name of their end`() throws {
    let yaml = """
      notices:
      - id: a
        message: Hello
        level: warning
        created_at: 2026-01-01T00:00:00Z
        expired_at: "2026-02-01T00:00:00Z"
        interval: 60

      """
    let notices = try notices(yaml, name: "notices.yaml")
    try channel.index { $0.documents.notices = notices }
    let text = try channel("notices.json").readText()
    #expect(text.contains(#""expires_at":"2026-02-01T00:00:00+00:00""#))
    #expect(text.contains(#""interval":60"#))
  }

  @Test func `a file that no notice was asked for stays`() throws {
    try channel("notices.json").write("mine")
    try channel.index()
    #expect(try channel("notices.json").readText() == "mine")
  }

  @Test(
    arguments: [
      (["id": nil], "\"id\": missing"), (["id": "1"], "\"id\": 1 is not a text"),
      (["id": #""""#], "\"id\": \"\" is not a text"), (["message": nil], "\"message\": missing"),
      (["level": #""loud""#], "\"level\": none of info, warning and critical"),
      (
        ["created_at": #""2026-02-30T00:00:00Z""#],
        "\"created_at\": \"2026-02-30T00:00:00Z\" is not a time such as 2026-11-22T08:00:46Z"
      ), (["expires_at": nil], "\"expires_at\": missing"),
      (
        ["expires_at": #""2025-01-01T00:00:00Z""#],
        "\"expires_at\": not later than \"created_at\""
      ), (["interval": "-1"], "\"interval\": not a whole number from 0"),
      (
        ["expired_at": #""2027-01-01T00:00:00Z""#],
        "\"expired_at\": not the same as \"expires_at\""
      ), (["expire_at": #""x""#], "\"expire_at\": not a field of a notice"),
    ] as [([String: String?], String)])
  func `a notice that clients could not show is refused by its field`(
    changes: [String: String?], reason: String
  ) throws {
    let error = #expect(throws: ChannelError.self) { try notices(Self.json(changes)) }
    #expect(error?.reason == "notice 1: \(reason)")
  }

  @Test(arguments: [#"{"notes":[]}"#, "1", "{", #"[1]"#])
  func `what is no list of notices is refused`(text: String) {
    #expect(throws: ChannelError.self) { try notices(text) }
  }

  @Test func `two notices of one name are refused`() {
    let notice = JSONText.object(Self.good)
    let error = #expect(throws: ChannelError.self) { try notices("[\(notice),\(notice)]") }
    #expect(error?.reason == "notice 2: \"id\": \"a\" stands there twice")
  }
}
