import Testing

/// What a program that uses one of the libraries has to load.
@Suite struct LinkageTests {
  /// Foundation costs such a program ten megabytes of memory, and the libraries do without it.
  @Test(arguments: ["embed-server", "index-folder"])
  func `neither library brings Foundation`(into example: String) async throws {
    let run = try await Command.run("ldd", Command.built(example))
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("libswiftCore.so"), "nothing was listed: \(run.output)")
    #expect(!run.output.contains("libFoundation"), "\(run.output)")
  }
}
