import ChannelCore
import Glibc
import SystemPackage

/// Turns a folder of packages into a channel from a program of one's own: `index-folder DIRECTORY`.
@main
struct IndexFolder {
  static func main() {
    guard CommandLine.arguments.count == 2 else {
      print("usage: index-folder DIRECTORY")
      exit(64)
    }
    let indexer = ChannelIndexer(channel: FilePath(CommandLine.arguments[1]))
    do {
      let report = try indexer.run()
      for subdir in report.subdirs { print("\(subdir.platform): \(subdir.published) published") }
      for problem in report.quarantined { print("left out: \(problem)") }
    } catch {
      print("error: \(error)")
      exit(1)
    }
  }
}
