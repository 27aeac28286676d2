import ChannelHTTP
import Testing

@Suite struct PresentedCredentialsTests {
  private func presented(
    _ path: String = "/c/noarch/x", _ fields: [String: String] = [:]
  ) -> PresentedCredentials {
    PresentedCredentials(
      of: HTTPRequest(path: path, fields: fields.map { HTTPField($0.key, $0.value) }))
  }

  private func secrets(_ presented: PresentedCredentials) -> [String] {
    presented.credentials.map { String(decoding: $0.secret.bytes, as: UTF8.self) }
  }

  @Test(arguments: [
    ("Authorization", "Bearer abc"), ("authorization", "bearer   abc"),
    ("Authorization", "token abc"), ("Authorization", "Token abc"), ("X-API-Key", "abc"),
    ("x-api-key", "abc"),
    ("Authorization", "Basic dXNlcjphYmM="), ("Authorization", "basic dXNlcjphYmM"),
  ])
  func `a secret is found in every form`(_ name: String, _ value: String) {
    let presented = presented("/c", [name: value])
    #expect(secrets(presented) == ["abc"])
    #expect(!presented.isMalformed)
    #expect(presented.strippedPath == nil)
  }

  @Test(arguments: [
    ("/t/abc/c/noarch/x", "/c/noarch/x"), ("/c/t/abc/noarch/x", "/c/noarch/x"),
    ("/c/t/abc", "/c"), ("/t/abc", "/"), ("/t/abc/", "/"), ("/c/t/abc/", "/c/"),
    ("/t/abc/t/def/x", "/t/def/x"),
  ])
  func `a token is taken out of the path wherever it stands`(_ path: String, _ rest: String) {
    let presented = presented(path)
    #expect(secrets(presented) == ["abc"])
    #expect(presented.strippedPath == Array(rest.utf8))
  }

  @Test(arguments: ["/c/tt/abc/x", "/c/T/abc/x", "/c/t", "/c/t/", "/", "/at/abc"])
  func `what only looks like a token in the path is left`(_ path: String) {
    #expect(presented(path).credentials.isEmpty)
    #expect(presented(path).strippedPath == nil)
  }

  @Test func `a password keeps its colons and its bytes, and has a user`() {
    let presented = presented("/", ["Authorization": "Basic bWU6YTpi/w=="])
    #expect(presented.credentials.first?.user == "me")
    #expect(presented.credentials.first?.secret.bytes == Array("a:b".utf8) + [0xFF])
  }

  @Test(arguments: [
    "Basic", "Basic !!!", "Basic dXNlcg==", "Basic dXNlcjphYmM==", "Basic dXNlcjphYm=M",
    "Bearer", "token ", "Basic dXNlcjph YmM=",
  ])
  func `what cannot be read is noticed`(_ value: String) {
    #expect(presented("/", ["Authorization": value]).isMalformed)
    #expect(presented("/", ["Authorization": value]).credentials.isEmpty)
  }

  @Test(arguments: ["Negotiate abc", "Digest username=\"a\""])
  func `other schemes are nobody's credentials`(_ value: String) {
    let presented = presented("/", ["Authorization": value])
    #expect(presented.credentials.isEmpty)
    #expect(!presented.isMalformed)
  }

  @Test func `stars are no secret, but they are taken out of the path`() {
    // user:*****
    let presented = presented("/t/*****/c/x", ["Authorization": "Basic dXNlcjoqKioqKg=="])
    #expect(presented.credentials.isEmpty)
    #expect(!presented.isMalformed)
    #expect(presented.strippedPath == Array("/c/x".utf8))
  }

  @Test func `a secret does not show itself`() {
    let secret = Secret("abc")
    let presented = PresentedCredentials.Credential(user: "me", secret: secret)
    var dumped = ""
    dump(presented, to: &dumped)
    for text in ["\(secret)", "\(presented)", String(reflecting: presented), dumped] {
      #expect(!text.contains("abc"))
      #expect(!text.contains("97"))
    }
  }

  @Test(arguments: [("", "", true), ("a", "a", true), ("a", "b", false), ("a", "ab", false)])
  func `bytes are compared`(_ left: String, _ right: String, _ areEqual: Bool) {
    #expect(Secret.areEqual(Array(left.utf8), Array(right.utf8)) == areEqual)
  }
}
