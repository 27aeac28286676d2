import Support
import SystemPackage
import Testing

/// The configuration file of `channel-server`, as its `check` reads it.
@Suite struct ConfigurationTests {
  private let directory: TemporaryDirectory
  private let file: FilePath

  init() throws {
    directory = try TemporaryDirectory()
    file = directory("server.conf")
    for name in ["one", "two"] { try directory(name).createDirectories() }
  }

  private func check(_ text: String, _ options: String...) async throws -> Command {
    try file.write(text)
    return try await Command.run(
      Command.built("channel-server"), ["check", "--config", file.string] + options)
  }

  @Test func `options stand in the file under their names, and check tells what they come to`()
    async throws
  {
    let run = try await check(
      """
      # Two channels.
      mount = /one=\(directory("one"))
      mount=/two=\(directory("two"))

      host = ::1
      host = 127.0.0.1
        port = 9000\t
      listen = unix:\(directory("s.sock"))
      access-log-format = json
      threads = 2
      """)
    #expect(run.status == 0 && run.errors == "")
    #expect(
      run.output == """
        serves \(directory("one")) at /one
        serves \(directory("two")) at /two
        listens on [::1]:9000
        listens on 127.0.0.1:9000
        listens on unix:\(directory("s.sock"))

        """)
  }

  @Test func `each option of the command line wins over the same one of the file`() async throws {
    let text = "mount = /one=\(directory("one"))\nport = 9000\nport = 9001\nhost = 127.0.0.1\n"
    let run = try await check(text, "--port", "9002", "--mount=/two=\(directory("two"))")
    #expect(run.status == 0)
    #expect(run.output == "serves \(directory("two")) at /two\nlistens on 127.0.0.1:9002\n")
  }

  @Test func `a folder on the command line is served beside those of the file`() async throws {
    let run = try await check("mount = /two=\(directory("two"))\n", directory("one").string)
    #expect(
      run.output.hasPrefix(
        "serves \(directory("one")) at /\nserves \(directory("two")) at /two\n"))
  }

  @Test(arguments: [
    ("prot = 80", #"line 1: no option "prot"; did you mean "port"?"#),
    ("# a\n\nmounts = x", #"line 3: no option "mounts"; did you mean "mount"?"#),
    ("xxxxxxxxxxxxxxxxxxxx = 1", "there are access-log, "),
    ("config = x", "for the command line alone"), ("directory = x", "for the command line alone"),
    ("port", #"line 1: "port" is not name = value"#), ("port =", "line 1: port has no value"),
    ("host = a\nport = many", "line 2: The value 'many' is invalid for '--port <n>'"),
    ("threads = 1\nthreads = 2", "line 2: threads is set a second time"),
    ("access-log-format = xml", "must be common, combined or json"),
    ("listen = ::1:80", "in brackets: [::1]:80"), ("group = daemon", "--group takes --user"),
    ("mount = /a=", "--mount /a= names no folder"),
  ])
  func `a line that cannot be followed is named with what could be meant`(
    text: String, reason: String
  ) async throws {
    let run = try await check(text, ".")
    #expect(run.status == 1)
    #expect(run.errors.hasPrefix("channel-server: error: \(file): line "))
    #expect(run.errors.contains(reason), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  @Test func `all that is wrong is told at once`() async throws {
    let run = try await check(
      """
      mount = /a=\(directory("none"))
      mount = /.b=\(directory("two"))
      listen = unix:\(directory("none/s.sock"))
      access-log = \(directory("none/log"))
      threads = 1000
      """)
    #expect(run.status == 1)
    let errors = run.errors.split(separator: "\n")
    #expect(errors.count == 5, "\(run.errors)")
    for reason in [
      "none: No such file or directory", "mount /.b: no part of it may start with a dot",
      "s.sock: No such file or directory", "the access log cannot be written", "threads: must be",
    ] {
      #expect(errors.contains { $0.contains(reason) }, "\(reason)")
    }
  }

  @Test func `what a running server listens on is no mistake in its configuration`()
    async throws
  {
    let text = "mount = /=\(directory("one"))\nlisten = unix:\(directory("s.sock"))\n"
    try file.write(text)
    let server = try RunningServer(["--config", file.string])
    let run = try await check(text)
    #expect(run.status == 0 && run.errors == "")
    #expect(await server.stop() == 0)
  }

  @Test func `a file that is not there, or a folder that is not named, is told`() async throws {
    let missing = try await Command.run(
      Command.built("channel-server"), "--config", directory("none").string)
    #expect(missing.status == 1)
    #expect(
      missing.errors == "channel-server: error: \(directory("none")): cannot be read: "
        + "No such file or directory\n")
    let unnamed = try await check("port = 0")
    #expect(unnamed.status == 64 && unnamed.errors.contains("Name the folder to serve"))
  }
}
