// swift-tools-version: 6.2
import PackageDescription

// The server's tests and what they stand on, and nothing else: a build under a sanitizer shares
// nothing with the usual one, and all of the project would take minutes. Targets that need a Mutex
// are folders of their own, which hold the original sources and the Mutex.swift that lies here.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
]
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
  name: "sanitize",
  dependencies: [
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    .systemLibrary(name: "CArchive", pkgConfig: "libarchive"),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
    .target(name: "CLinux"),
    .target(name: "CListingPage", exclude: ["listing.css", "listing.js"]),
    .target(
      name: "ChannelSystem", dependencies: ["CLinux", systemPackage], swiftSettings: settings),
    .target(
      name: "ChannelHTTP",
      dependencies: [
        "ChannelSystem", "CLinux", "CListingPage", "CZlib", systemPackage, logging,
      ],
      path: "ChannelHTTP",
      swiftSettings: settings),
    .target(
      name: "Support",
      dependencies: ["ChannelSystem", "CArchive", "CCrypto", "CZlib", "CZstd", systemPackage],
      path: "Support",
      swiftSettings: settings),
    .testTarget(
      name: "ChannelHTTPTests",
      dependencies: ["ChannelHTTP", "ChannelSystem", "Support", systemPackage, logging],
      path: "Tests",
      // It runs the commands, which are not part of this.
      exclude: ["ChannelHTTPTests/Server/CommandTests.swift"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
