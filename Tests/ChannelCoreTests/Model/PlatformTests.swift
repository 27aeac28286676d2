import ChannelCore
import Testing

@Suite struct PlatformTests {
  @Test(arguments: [
    "noarch", "linux-64", "osx-arm64", "zos-z", "linux-fake", "foo-bar", "0-0", "a-1",
    "abcdefghijklmnop-abcdefghijklmno",
  ])
  func `what has the form of CEP 26 is a platform`(name: String) throws {
    let platform = try #require(Platform(name))
    #expect(platform.name == name)
    #expect(platform.description == name)
  }

  @Test(arguments: [
    "", "-", "linux", "linux-", "-64", "linux-64-gnu", "linux--64", "Linux-64", "LINUX-64",
    "NOARCH",
    "noarch ", " linux-64", "linux_64", "linux-6 4", "linux.64", "linux/64", "../a-b", "linux-é",
    "linux-64\u{0}", "linux-64\n", "linux-٣", "lınux-64", ".channel", "label", "noarch-",
    "abcdefghijklmnop-abcdefghijklmnop",
  ])
  func `anything else is none`(name: String) {
    #expect(Platform(name) == nil)
  }

  @Test func `every known platform has the form and is listed once`() {
    #expect(Set(Platform.known).count == Platform.known.count)
    for platform in Platform.known {
      #expect(Platform(platform.name) == platform)
      #expect(platform.isKnown)
    }
    #expect(Platform("linux-fake")?.isKnown == false)
  }

  /// The subdirs of conda, rattler and mamba.
  @Test(arguments: [
    "noarch", "emscripten-wasm32", "wasi-wasm32", "freebsd-64", "linux-32", "linux-64",
    "linux-aarch64", "linux-armv6l", "linux-armv7l", "linux-ppc64", "linux-ppc64le",
    "linux-riscv32", "linux-riscv64", "linux-s390x", "osx-64", "osx-arm64", "win-32", "win-64",
    "win-arm64", "zos-z", "linux-loongarch64", "linux-ppc", "freebsd-ppc64le", "ios-arm64",
    "iossimulator-arm64", "android-aarch64", "emscripten-wasm64",
  ])
  func `what a client knows is known`(name: String) {
    #expect(Platform(name)?.isKnown == true)
  }

  @Test func `a new channel has eight subdirs unless told otherwise`() {
    #expect(
      Set(Platform.usual.map(\.name)) == [
        "noarch", "linux-64", "linux-aarch64", "linux-32", "osx-64", "osx-arm64", "win-64",
        "win-32",
      ])
  }

  @Test func `platforms sort by code point`() throws {
    let names = ["win-64", "a-b", "noarch", "linux-64", "a-10", "a-9", "linux-32"]
    let sorted = names.compactMap(Platform.init).sorted().map(\.name)
    #expect(sorted == ["a-10", "a-9", "a-b", "linux-32", "linux-64", "noarch", "win-64"])
  }
}
