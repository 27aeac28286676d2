import Support
import SystemPackage
import Testing

/// The home page in a browser.
@Suite(
  .enabled(
    if: Browser.isInstalled || Client.isRequired,
    "Chromium is not installed; Debian's package is called chromium"))
struct HomePageTests {
  /// What a package may say of itself to get into the page.
  private static let markup =
    #""<script>window.fooled = 1</script><img src=x onerror=\"window.fooled = 1\">""#

  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    var plain = PackageBlueprint("a-needs-b", subdir: "linux-64", depends: ["b >=1", "__glibc"])
    plain.about["license"] = #""MIT""#
    plain.indexFields["license"] = #""MIT""#
    try add(plain)
    plain.version = "2.0"
    plain.runExports = #"{"weak":["a-needs-b >=2.0"]}"#
    try add(plain)
    var hostile = PackageBlueprint("b")
    for name in ["summary", "description", "license"] { hostile.about[name] = Self.markup }
    for name in ["home", "dev_url", "doc_url"] {
      hostile.about[name] = #""javascript:window.fooled=1""#
    }
    hostile.indexFields["license"] = Self.markup
    try add(hostile)
    hostile.version = "0.9"
    try add(hostile)
    for number in 0..<300 {
      var one = PackageBlueprint("many-\(number)")
      one.about["summary"] = "\"The package of the number \(number % 150)\""
      try add(one)
    }
  }

  private func add(_ blueprint: PackageBlueprint) throws {
    try directory("\(blueprint.subdir)/\(blueprint.condaFileName)").write(try blueprint.conda())
  }

  /// The documents that a page can do without, and the options that leave them out.
  @Test(arguments: [[], ["--no-shards"], ["--no-shards", "--no-zst"]])
  func `visitors find what the channel has`(without options: [String]) async throws {
    let index = try await Command.run(
      Command.built("channel-index"), options + [directory.path.string])
    #expect(index.status == 0, "\(index.errors)")
    let yank = try await Command.run(
      Command.built("channel-index"),
      ["yank", directory.path.string, "b=0.9", "--reason", "<b>It leaks.</b>"] + options)
    #expect(yank.status == 0, "\(yank.errors)")
    let server = try RunningServer(serving: directory.path, "--mount", "/condapkg")
    let visit = try await Browser.run("home.py", [server.url])
    #expect(visit.status == 0, "\(visit.output)\(visit.errors)")
    #expect(await server.stop() == 0)
    #expect(try !server.accessLog.contains(" 404 "), "something was asked for that is not there")
  }
}

/// A browser, driven by scripts that need nothing but Python.
enum Browser {
  private static let scripts = Corpus.repository.appending("Tests/EndToEnd/Clients")

  static var isInstalled: Bool {
    ["chromium", "chromium-browser", "google-chrome"].contains { name in
      ["/usr/bin", "/usr/local/bin", "/snap/bin"].contains { FilePath($0).appending(name).exists }
    }
  }

  static func run(_ script: String, _ arguments: [String]) async throws -> Command {
    try await Command.run("python3", ["-B", scripts.appending(script).string] + arguments)
  }
}
