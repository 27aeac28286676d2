import ChannelHTTP
import Testing

@Suite struct IPAddressTests {
  private func address(_ text: String) -> IPAddress? { IPAddress(Array(text.utf8).span) }

  @Test(arguments: [
    ("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
    ("10.20.30.40", "10.20.30.40"), ("::1", "::1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
    ("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"), ("::", "::"),
  ])
  func `an address is read and written as people write it`(_ text: String, _ written: String) throws
  {
    #expect(String(decoding: try #require(address(text)).text, as: UTF8.self) == written)
  }

  @Test(arguments: [
    "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4 ", "01.2.3.4", "1..2.3", "1.2.3.",
    "-1.2.3.4",
    "0x1.2.3.4", "1.2.3.4:80", "[::1]", "::1::", "unknown", "%eth0", "12345::", "unix:",
    String(repeating: "0:", count: 300),
  ])
  func `what is no address is none`(_ text: String) {
    #expect(address(text) == nil)
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
    ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.6", false),
    ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false), ("::/0", "8.8.8.8", true),
    ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false),
    ("2001:db8::/65", "2001:db8::7fff:0:0:1", true),
    ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
    ("2001:db8::1", "2001:db8::1", true), ("2001:db8::1", "2001:db8::2", false),
    ("10.0.0.0/8", "::ffff:10.0.0.1", true), ("192.0.2.0/31", "192.0.2.1", true),
    ("192.0.2.0/31", "192.0.2.2", false), ("2001:db8::/64", "2001:db8::ffff:0:0:1", true),
  ])
  func `a network holds the addresses that begin with its bits`(
    _ network: String, _ text: String, _ isHeld: Bool
  ) throws {
    let network = try #require(IPNetwork(network))

    #expect(network.contains(try #require(address(text))) == isHeld)
  }

  @Test(arguments: [
    "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "/8", "::1/129", "::1/64", "ten/8",
    "10.0.0.0/-1", "",
  ])
  func `what is no network is none`(_ text: String) {
    #expect(IPNetwork(text) == nil)
  }
}
