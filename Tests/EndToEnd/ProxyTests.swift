import Support
import SystemPackage
import Testing

/// The server behind other servers, as the examples put it there.
@Suite struct ProxyTests {
  private static let example: FilePath = {
    var path = FilePath(#filePath)
    path.components.removeLast(3)
    return path.appending("Examples").appending("behind-a-proxy")
  }()

  private static let isThere = ["/usr/sbin/nginx", "/usr/bin/caddy"].contains {
    FilePath($0).exists
  }

  @Test(.enabled(if: isThere, "needs nginx or caddy"))
  func `the files of the example put nginx and Caddy in front of a server`() async throws {
    let run = try await Command.run(
      Self.example.appending("try.sh").string, Command.built("channel-server"))

    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains(": well\n"))
  }
}
