import ChannelCore
import ChannelSystem
import Support
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(5))) struct ChannelWatchTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
    try channel.index()
  }

  /// A watch on a thread of its own, and what it tells.
  private struct Watch {
    let results: AsyncStream<Result<IndexReport, ChannelError>>
    private let stopper: FileDescriptor
    private let ended: AsyncStream<ChannelError?>

    init(
      _ channel: TestChannel, quietPeriod: Double = 0.05,
      refreshing: (@Sendable () throws(ChannelError) -> IndexOptions)? = nil
    ) throws {
      let pipe = try FileDescriptor.pipe()
      stopper = pipe.writeEnd
      let (results, continuation) = AsyncStream.makeStream(
        of: Result<IndexReport, ChannelError>.self)
      let (ended, end) = AsyncStream.makeStream(of: ChannelError?.self)
      (self.results, self.ended) = (results, ended)
      var indexer = channel.indexer()
      indexer.now = { 1_000 }
      let configured = indexer
      var options = WatchOptions()
      options.quietPeriod = quietPeriod
      options.maximumDelay = 0.5
      let gathering = options
      _ = try Background {
        do throws(ChannelError) {
          try configured.watch(options: gathering, until: pipe.readEnd, refreshing: refreshing) {
            _ = continuation.yield($0)
          }
          end.yield(nil)
        } catch {
          end.yield(error)
        }
        continuation.finish()
        end.finish()
        try? pipe.readEnd.close()
      }
    }

    /// Ends the watch; answers why it ended, unless on request.
    func stop() async throws -> ChannelError? {
      _ = try stopper.writeAll([0])
      return try await end()
    }

    /// Waits until the watch ends by itself.
    func end() async throws -> ChannelError? {
      defer { try? stopper.close() }
      for await error in ended { return error }
      return nil
    }

    /// The reports up to the first one after which `isDone` holds.
    func reports(until isDone: () throws -> Bool) async throws -> [IndexReport] {
      var reports: [IndexReport] = []
      for await result in results {
        reports.append(try result.get())
        if try isDone() { break }
      }
      return reports
    }
  }

  @Test func `it indexes at once, and ends when it is told to`() async throws {
    try channel.add(PackageBlueprint("a"))
    let watch = try Watch(channel)
    let reports = try await watch.reports { true }
    #expect(reports.first?.subdirs.first?.added.count == 1)
    #expect(try await watch.stop() == nil)
  }

  @Test func `packages that are copied or moved in are indexed, and deleted ones leave`()
    async throws
  {
    let watch = try Watch(channel)
    _ = try await watch.reports { true }
    let first = try channel.add(PackageBlueprint("a"))
    let outside = channel.directory("b-1.0-0.conda")
    try outside.write(try PackageBlueprint("b").conda())
    try outside.rename(to: channel("noarch/b-1.0-0.conda"))
    _ = try await watch.reports { try channel.names().count == 2 }
    try first.removeRecursively()
    _ = try await watch.reports { try channel.names() == ["b-1.0-0.conda"] }
    #expect(try await watch.stop() == nil)
  }

  @Test func `packages of a subdir that is new are indexed`() async throws {
    let watch = try Watch(channel)
    _ = try await watch.reports { true }
    try channel.add(PackageBlueprint("a", subdir: "linux-64"))
    _ = try await watch.reports {
      try channel("linux-64/repodata.json").exists && channel.names(in: "linux-64").count == 1
    }
    #expect(try await watch.stop() == nil)
  }

  @Test func `a package is indexed once its writer has closed it`() async throws {
    let watch = try Watch(channel)
    _ = try await watch.reports { true }
    let bytes = try PackageBlueprint("slow").conda()
    var file: Descriptor? = try Descriptor(
      opening: channel("noarch/slow-1.0-0.conda"), .writeOnly, options: .create)
    try file?.writeAll(Array(bytes.prefix(100)))
    // Something that makes runs happen meanwhile.
    try channel.add(PackageBlueprint("fast"))
    let during = try await watch.reports { try channel.names() == ["fast-1.0-0.conda"] }
    #expect(during.flatMap(\.quarantined).isEmpty)
    try file?.writeAll(Array(bytes.dropFirst(100)))
    file = nil
    let after = try await watch.reports { try channel.names().count == 2 }
    #expect(after.flatMap(\.quarantined).isEmpty)
    #expect(try await watch.stop() == nil)
  }

  @Test func `links count as whole`() async throws {
    let outside = channel.directory("a-1.0-0.conda")
    try outside.write(try PackageBlueprint("a").conda())
    let watch = try Watch(channel)
    _ = try await watch.reports { true }
    try channel("noarch/a-1.0-0.conda").createHardLink(to: outside)
    _ = try await watch.reports { try channel.names() == ["a-1.0-0.conda"] }
    #expect(try await watch.stop() == nil)
  }

  @Test func `a package that is being replaced stays listed until its writer is done`()
    async throws
  {
    let file = try channel.add(PackageBlueprint("a"))
    let watch = try Watch(channel)
    _ = try await watch.reports { true }
    let bytes = try PackageBlueprint("a", depends: ["b"]).conda()
    var writer: Descriptor? = try Descriptor(opening: file, .writeOnly, options: .truncate)
    try writer?.writeAll(Array(bytes.prefix(50)))
    try channel.add(PackageBlueprint("other"))
    _ = try await watch.reports { try channel.names().contains("other-1.0-0.conda") }
    #expect(try channel.names() == ["a-1.0-0.conda", "other-1.0-0.conda"])
    try writer?.writeAll(Array(bytes.dropFirst(50)))
    writer = nil
    _ = try await watch.reports {
      try channel.record("a-1.0-0.conda")?["depends"] == .array([.string("b")])
    }
    #expect(try await watch.stop() == nil)
  }

  @Test func `a burst of 500 files makes one generation`() throws {
    let packages = try (0..<500).map { try PackageBlueprint("p\($0)").conda() }
    let pipe = try FileDescriptor.pipe()
    var reports: [IndexReport] = []
    var failures: [any Error] = []
    // On this thread: the files come between two runs, and the second must find all of them.
    try channel.indexer().watch(until: pipe.readEnd) { result in
      do {
        reports.append(try result.get())
        if reports.count == 1 {
          for (number, bytes) in packages.enumerated() {
            try channel("noarch/p\(number)-1.0-0.conda").write(bytes)
          }
        } else {
          _ = try pipe.writeEnd.writeAll([0])
        }
      } catch {
        failures.append(error)
      }
    }
    #expect(failures.isEmpty)
    #expect(reports.map { $0.subdirs.map(\.added.count) } == [[0], [500]])
    #expect(try channel.names().count == 500)
    try pipe.readEnd.close()
    try pipe.writeEnd.close()
  }

  @Test func `of files that come while runs are under way none is lost`() async throws {
    let watch = try Watch(channel, quietPeriod: 0.001)
    let channel = channel
    let writer = try Background {
      for number in 0..<200 { _ = try? channel.add(PackageBlueprint("p\(number)")) }
    }
    let reports = try await watch.reports { try channel.names().count == 200 }
    writer.wait()
    #expect(reports.flatMap(\.quarantined).isEmpty)
    #expect(try await watch.stop() == nil)
  }

  @Test func `a run that fails is told of and tried again`() async throws {
    let watch = try Watch(channel)
    _ = try await watch.reports { true }
    let list = channel(".channel/yanked.json")
    try list.write("{")
    try channel.add(PackageBlueprint("a"))
    for await result in watch.results {
      if case .failure(let error) = result {
        #expect(error.path == list)
        break
      }
    }
    try list.removeRecursively()
    // It may have been tried more than once by now.
    for await result in watch.results where (try? result.get()) != nil {
      #expect(try channel.names() == ["a-1.0-0.conda"])
      break
    }
    #expect(try await watch.stop() == nil)
  }

  @Test func `a changed configuration is followed, and makes a run happen`() async throws {
    let layout = channel.layout
    let watch = try Watch(channel) { () throws(ChannelError) in
      try ChannelConfiguration.options(of: layout)
    }
    _ = try await watch.reports { true }
    let configuration = channel(ChannelConfiguration.fileName)
    let bzip2 = channel("noarch/repodata.json.bz2")
    #expect(!bzip2.exists)
    try configuration.write("bz2 = true\n")
    _ = try await watch.reports { bzip2.exists }
    let replacement = channel.directory("replacement")
    try replacement.write("run-exports = false\n")
    try replacement.rename(to: configuration)
    _ = try await watch.reports { !bzip2.exists }
    #expect(!channel("noarch/run_exports.json").exists)
    try configuration.removeRecursively()
    _ = try await watch.reports { channel("noarch/run_exports.json").exists }
    #expect(try await watch.stop() == nil)
  }

  @Test(arguments: ["patches.json", "patches/noarch/patch_instructions.json"])
  func `a change of patches makes a run happen`(name: String) async throws {
    try channel.add(PackageBlueprint("a"))
    let file = channel.directory(name)
    let instructions = #""patch_instructions_version":1,"packages.conda":{"a-1.0-0.conda":"#
    try file.removingLastComponent().createDirectories()
    try file.write("{\(instructions){}}}")
    let option = name.hasPrefix("patches/") ? "patches" : name
    let path = channel.directory(option).string
    try channel(ChannelConfiguration.fileName).write("patches = \(path)\n")
    let layout = channel.layout
    let watch = try Watch(channel) { () throws(ChannelError) in
      try ChannelConfiguration.options(of: layout)
    }
    _ = try await watch.reports { try channel.names() == ["a-1.0-0.conda"] }
    try file.write("{\(instructions){\"license\":\"MIT\"}}}")
    _ = try await watch.reports {
      try channel.record("a-1.0-0.conda")?["license"] == .string("MIT")
    }
    #expect(try await watch.stop() == nil)
  }

  @Test func `a change of notices and pins makes a run happen, replaced or written to`()
    async throws
  {
    try channel.add(PackageBlueprint("a"))
    try channel.add(PackageBlueprint("a", version: "2.0"))
    let (notices, pins) = (channel.directory("notices.json"), channel.directory("pins/pins.yaml"))
    try notices.write("[]")
    try pins.removingLastComponent().createDirectories()
    try pins.write("{}\n")
    try channel(ChannelConfiguration.fileName).write(
      "current-repodata = true\nnotices = \(notices)\npins = \(pins)\n")
    let layout = channel.layout
    let watch = try Watch(channel) { () throws(ChannelError) in
      try ChannelConfiguration.options(of: layout)
    }
    _ = try await watch.reports { channel("notices.json").exists }
    let replacement = channel.directory("new.yaml")
    try replacement.write("a: [1.0]\n")
    try replacement.rename(to: pins)
    _ = try await watch.reports {
      try channel("noarch/current_repodata.json").readText().contains("a-1.0-0")
    }
    try notices.write(
      #"[{"id":"n","message":"Hi","level":"info","created_at":"2026-01-01T00:00:00Z","#
        + #""expires_at":"2027-01-01T00:00:00Z"}]"#)
    _ = try await watch.reports { try channel("notices.json").readText().contains("Hi") }
    #expect(try await watch.stop() == nil)
  }

  @Test func `options that cannot be made are told, and the run waits for them`() async throws {
    let layout = channel.layout
    let configuration = channel(ChannelConfiguration.fileName)
    let watch = try Watch(channel) { () throws(ChannelError) in
      try ChannelConfiguration.options(of: layout)
    }
    _ = try await watch.reports { true }
    try configuration.write("bzip2 = true\n")
    for await result in watch.results {
      guard case .failure(let error) = result else { continue }
      #expect(error.path == configuration)
      break
    }
    try channel.add(PackageBlueprint("a"))
    // Two in a row: one of them began after the package came.
    var failures = 0
    for await result in watch.results {
      #expect(throws: ChannelError.self) { try result.get() }
      failures += 1
      if failures == 2 { break }
    }
    #expect(try channel.names().isEmpty)
    try configuration.write("bz2 = true\n")
    for await result in watch.results where (try? result.get()) != nil { break }
    #expect(try channel.names() == ["a-1.0-0.conda"])
    #expect(try await watch.stop() == nil)
  }

  @Test func `a channel that is moved away ends the watch`() async throws {
    let watch = try Watch(channel)
    _ = try await watch.reports { true }
    try channel.root.rename(to: channel.directory("elsewhere"))
    #expect(try await watch.end()?.path == channel.root)
  }
}
