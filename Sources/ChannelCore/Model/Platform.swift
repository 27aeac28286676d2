/// The name of a channel's subdir: `noarch`, or the platform its packages run on (CEP 26).
public struct Platform: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The subdir's name, which is also the name of its directory.
  public let name: String

  /// Accepts `noarch` and what has CEP 26's form of a platform, known or not: two parts of
  /// lower-case letters and digits, joined by one hyphen, at most 32 characters.
  public init?(_ name: some StringProtocol) {
    guard name.utf8.count <= 32 else { return nil }
    if name != "noarch" {
      let parts = name.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
      guard parts.count == 2, parts.allSatisfy({ isAlphanumeric($0) }) else { return nil }
    }
    self.name = String(name)
  }

  private init(known name: StaticString) {
    self.name = name.description
  }

  /// Packages for every platform.
  public static let noarch = Platform(known: "noarch")

  /// The platforms that at least one of today's clients knows, `noarch` included.
  public static let known: [Platform] = [
    noarch, .init(known: "android-32"), .init(known: "android-64"),
    .init(known: "android-aarch64"), .init(known: "android-armv7a"),
    .init(known: "emscripten-wasm32"), .init(known: "emscripten-wasm64"),
    .init(known: "freebsd-32"), .init(known: "freebsd-64"), .init(known: "freebsd-arm64"),
    .init(known: "freebsd-ppc64"), .init(known: "freebsd-ppc64le"), .init(known: "ios-arm64"),
    .init(known: "iossimulator-64"), .init(known: "iossimulator-arm64"),
    .init(known: "linux-32"), .init(known: "linux-64"), .init(known: "linux-aarch64"),
    .init(known: "linux-armv6l"), .init(known: "linux-armv7l"),
    .init(known: "linux-loongarch64"), .init(known: "linux-ppc"), .init(known: "linux-ppc64"),
    .init(known: "linux-ppc64le"), .init(known: "linux-riscv32"), .init(known: "linux-riscv64"),
    .init(known: "linux-s390x"), .init(known: "osx-64"), .init(known: "osx-arm64"),
    .init(known: "wasi-wasm32"), .init(known: "win-32"), .init(known: "win-64"),
    .init(known: "win-arm64"), .init(known: "zos-z"),
  ]

  /// What a new channel is laid out for unless told otherwise.
  public static let usual: [Platform] = [
    noarch, .init(known: "linux-64"), .init(known: "linux-aarch64"), .init(known: "linux-32"),
    .init(known: "osx-64"), .init(known: "osx-arm64"), .init(known: "win-64"),
    .init(known: "win-32"),
  ]

  /// Whether at least one of today's clients knows the platform.
  public var isKnown: Bool { Self.known.contains(self) }

  /// The subdir's name.
  public var description: String { name }

  /// Alphabetical order.
  public static func < (left: Platform, right: Platform) -> Bool {
    left.name.precedes(right.name)
  }
}

private func isAlphanumeric(_ bytes: some Collection<UInt8>) -> Bool {
  !bytes.isEmpty
    && bytes.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
