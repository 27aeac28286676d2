import Glibc
import Support
import SystemPackage

/// Writes a channel of small packages to measure indexers with: `bench-channel COUNT DIR`.
///
/// Seven in ten are `.conda`, the others `.tar.bz2`; there are eight packages a name, and half of
/// them are in noarch.
@main
enum BenchChannel {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let count = Int(arguments[1]), count > 0 else {
      print("usage: bench-channel COUNT DIR")
      exit(64)
    }
    let subdirs = ["noarch", "linux-64", "noarch", "osx-arm64"]
    for number in 0..<count {
      let name = number / 8
      var package = PackageBlueprint(
        "package-\(name)", version: "\(number % 8).\(name % 30)", build: "h\(number)_0",
        subdir: subdirs[name % 4],
        depends: ["python >=3.\(9 + name % 5)", "package-\(name / 2) >=1.\(name % 30),<9"])
      package.indexFields = [
        "license": JSONText.string("MIT"), "timestamp": "\(1_600_000_000_000 + number * 1000)",
      ]
      package.about = ["summary": JSONText.string("Package number \(number) of a measurement.")]
      package.payload = [
        ArchiveMember("share/package-\(name)/data", text: "\(number * 7919)\n"),
        ArchiveMember(
          "bin/package-\(name)", text: "#!/bin/sh\necho \(number)\n", isExecutable: true),
      ]
      let directory = FilePath(arguments[2]).appending(package.subdir)
      if number % 10 < 7 {
        try directory.appending(package.condaFileName).write(package.conda())
      } else {
        try directory.appending(package.tarBz2FileName).write(package.tarBz2())
      }
    }
  }
}
