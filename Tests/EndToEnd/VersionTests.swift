import Support
import SystemPackage
import Testing

/// What the commands say of their version.
@Suite struct VersionTests {
  @Test(arguments: ["channel-index", "channel-server"])
  func `a command names the version that packages are given`(_ name: String) async throws {
    let script = Corpus.repository.appending("Scripts/version.sh")
    let version = try await Command.run(script.string)
    #expect(version.status == 0 && version.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    let run = try await Command.run(Command.built(name), "--version")
    #expect(run.status == 0)
    #expect(run.output == "\(name) \(version.output)")
  }
}
