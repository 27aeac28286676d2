// swift-tools-version: 6.2
import PackageDescription

// One program for libFuzzer a target; `run.sh` builds and runs them. The sources of the libraries are
// linked into this package because what is tried is not its public interface.
func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies,
    swiftSettings: [.unsafeFlags(["-parse-as-library"])])
}

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
]
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "fuzz",
  dependencies: [
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
    .target(name: "CLinux"),
    .target(
      name: "CHomePage",
      exclude: [
        "home.html", "home.css", "panel.css", "zstandard.js", "msgpack.js", "dom.js", "versions.js",
        "channel.js", "search.js", "list.js", "panel.js", "releases.js", "page.js",
      ]),
    // The style and the script of listings, as bytes.
    .target(name: "CListingPage", exclude: ["listing.css", "listing.js"]),
    .target(
      name: "ChannelSystem", dependencies: ["CLinux", systemPackage], swiftSettings: settings),
    .target(
      name: "ChannelHTTP",
      dependencies: [
        "ChannelSystem", "CLinux", "CListingPage", "CZlib", systemPackage,
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings),
    .systemLibrary(name: "CArchive", pkgConfig: "libarchive"),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),
    .target(
      name: "ChannelCore",
      dependencies: [
        "ChannelSystem", "CArchive", "CHomePage", "CZstd", "CCrypto", systemPackage,
      ],
      swiftSettings: settings),
    fuzzer("fuzz-bzip2", ["ChannelCore"]),
    fuzzer("fuzz-request", ["ChannelHTTP"]),
    fuzzer("fuzz-range", ["ChannelHTTP"]),
    fuzzer("fuzz-path", ["ChannelHTTP", "ChannelSystem", systemPackage]),
  ],
  swiftLanguageModes: [.v6]
)
