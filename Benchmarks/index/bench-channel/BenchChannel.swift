import ChannelCore
import Glibc
import Support
import SystemPackage

/// Writes a channel of small packages to measure indexers with: `bench-channel COUNT DIR`, or
/// `bench-channel REPODATA DIR` for packages that say what the records of a `repodata.json` say.
///
/// Seven in ten are `.conda`, the others `.tar.bz2`; without records there are eight packages a name,
/// and half of them are in noarch.
@main
enum BenchChannel {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3 else {
      print("usage: bench-channel COUNT|REPODATA DIR")
      exit(64)
    }
    let root = FilePath(arguments[2])
    if let count = Int(arguments[1]) {
      for number in 0..<count { try write(package(number), number, to: root) }
    } else {
      for (number, record) in try records(of: FilePath(arguments[1])).enumerated() {
        guard let package = package(record) else { continue }
        try write(package, number, to: root)
      }
    }
  }

  private static func write(
    _ package: PackageBlueprint, _ number: Int, to root: FilePath
  ) throws {
    let directory = root.appending(package.subdir)
    if number % 10 < 7 {
      try directory.appending(package.condaFileName).write(package.conda())
    } else {
      try directory.appending(package.tarBz2FileName).write(package.tarBz2())
    }
  }

  private static func package(_ number: Int) -> PackageBlueprint {
    let subdirs = ["noarch", "linux-64", "noarch", "osx-arm64"]
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
    return package
  }

  // MARK: After records

  private static func records(of path: FilePath) throws -> [JSONObject] {
    let document = try JSONReader.value(in: path.readBytes()).object
    return ["packages", "packages.conda"].flatMap { map in
      document?[map]?.object?.members.compactMap(\.value.object) ?? []
    }
  }

  private static func package(_ record: JSONObject) -> PackageBlueprint? {
    guard let name = record["name"]?.string, let version = record["version"]?.string,
      let build = record["build"]?.string, let subdir = record["subdir"]?.string
    else { return nil }
    var package = PackageBlueprint(name, version: version, build: build, subdir: subdir)
    // What the file itself decides is not taken over.
    for member in record.members where !["md5", "sha256", "size", "fn"].contains(member.name) {
      package.indexFields[member.name] = member.value.description
    }
    package.about = ["summary": JSONText.string("\(name) after a record.")]
    return package
  }
}
