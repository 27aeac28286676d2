// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .treatAllWarnings(as: .error),
]

let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let dependencies: [Package.Dependency] = [
  .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
]

// Only `make docs` needs the documentation plugin; nobody else should have to fetch it.
let documentation: [Package.Dependency] =
  Context.environment["CHANNEL_DOCS"] == nil
  ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")]

let package = Package(
  name: "conda-channel",
  products: [
    .library(name: "ChannelCore", targets: ["ChannelCore"]),
    .library(name: "ChannelHTTP", targets: ["ChannelHTTP"]),
    .executable(name: "channel-index", targets: ["channel-index"]),
    .executable(name: "channel-server", targets: ["channel-server"]),
  ],
  dependencies: dependencies + documentation,
  targets: [
    // C libraries and what Swift's Glibc module hides.
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CLinux"),
    .target(name: "CCrypt", linkerSettings: [.linkedLibrary("crypt")]),
    // The files of a channel's home page, as bytes.
    .target(
      name: "CHomePage",
      exclude: [
        "home.html", "home.css", "panel.css", "zstandard.js", "msgpack.js", "dom.js", "versions.js",
        "channel.js", "search.js", "list.js", "panel.js", "releases.js", "page.js",
      ]),
    // The style and the script of listings, as bytes.
    .target(name: "CListingPage", exclude: ["listing.css", "listing.js"]),

    // The two libraries and the system calls both stand on.
    .target(
      name: "ChannelSystem", dependencies: ["CLinux", systemPackage], swiftSettings: settings),
    .target(
      name: "ChannelCore",
      dependencies: [
        "ChannelSystem", "CArchive", "CHomePage", "CZstd", "CCrypto", systemPackage,
      ],
      swiftSettings: settings),
    .target(
      name: "ChannelHTTP",
      dependencies: [
        "ChannelSystem", "CLinux", "CListingPage", "CZlib", systemPackage, logging,
      ],
      swiftSettings: settings),

    // What `channel-server` makes of both, apart from it so that tests can call it.
    .target(
      name: "ChannelSite",
      dependencies: [
        "ChannelCore", "ChannelHTTP", "ChannelSystem", "CCrypt", "CLinux", systemPackage, logging,
      ],
      swiftSettings: settings),

    // The executables.
    .executableTarget(
      name: "channel-index",
      dependencies: ["ChannelCore", "ChannelSystem", argumentParser, systemPackage],
      swiftSettings: settings),
    .executableTarget(
      name: "channel-server",
      dependencies: [
        "ChannelCore", "ChannelHTTP", "ChannelSite", "ChannelSystem", "CLinux", argumentParser,
        systemPackage, logging,
      ],
      swiftSettings: settings),

    // Examples, each built with everything else and run by a test.
    .executableTarget(
      name: "embed-server", dependencies: ["ChannelHTTP"], path: "Examples/embed-server",
      swiftSettings: settings),
    .executableTarget(
      name: "index-folder", dependencies: ["ChannelCore", systemPackage],
      path: "Examples/index-folder", swiftSettings: settings),
    .executableTarget(
      name: "sample-channel", dependencies: ["Support", systemPackage],
      path: "Examples/sample-channel", swiftSettings: settings),

    // What benchmarks need beside the commands.
    .executableTarget(
      name: "bench-channel", dependencies: ["ChannelCore", "Support", systemPackage],
      path: "Benchmarks/index/bench-channel", swiftSettings: settings),

    // Tests.
    .target(
      name: "Support",
      dependencies: ["ChannelSystem", "CArchive", "CCrypto", "CZlib", "CZstd", systemPackage],
      path: "Tests/Support", swiftSettings: settings),
    .testTarget(
      name: "ChannelSystemTests", dependencies: ["ChannelSystem", "Support", systemPackage],
      swiftSettings: settings),
    .testTarget(
      name: "ChannelCoreTests",
      dependencies: ["ChannelCore", "ChannelSystem", "Support", systemPackage],
      swiftSettings: settings),
    .testTarget(
      name: "ChannelHTTPTests",
      // The executables are run, so they must be there.
      dependencies: [
        "ChannelHTTP", "ChannelSystem", "Support", "channel-server", "embed-server",
        systemPackage, logging,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "ChannelSiteTests",
      dependencies: [
        "ChannelCore", "ChannelHTTP", "ChannelSite", "ChannelSystem", "Support", systemPackage,
        logging,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "EndToEnd",
      dependencies: ["ChannelCore", "ChannelSystem", "Support", systemPackage],
      exclude: ["Clients", "Interposed"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
