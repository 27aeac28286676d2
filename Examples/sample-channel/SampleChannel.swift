import Glibc
import Support
import SystemPackage

/// Writes a small channel of real packages: `sample-channel DIRECTORY`.
///
/// They install and run, depend on each other across subdirs and come in both formats, so that a
/// new server has something to show and a client something to solve.
@main
struct SampleChannel {
  static func main() {
    guard CommandLine.arguments.count == 2 else {
      complain("usage: sample-channel DIRECTORY")
      exit(64)
    }
    let channel = FilePath(CommandLine.arguments[1])
    do {
      for package in SamplePackage.all {
        try channel.appending(package.path).write(try package.bytes())
      }
      print("wrote \(SamplePackage.all.count) packages to \(channel)")
    } catch {
      complain("sample-channel: error: \(channel): \(error)")
      exit(1)
    }
  }

  private static func complain(_ line: String) {
    _ = try? FileDescriptor.standardError.writeAll(Array("\(line)\n".utf8))
  }
}
