import Testing

@testable import ChannelHTTP

@Suite struct ConnectionTableTests {
  @Test func `a slot that is used again has another token`() {
    var table = ConnectionTable()
    let first = table.makeToken()
    table.discard(first)
    let second = table.makeToken()

    #expect(first != second)
    #expect(first & 0xFFFF_FFFF == second & 0xFFFF_FFFF)
    #expect(table[first] == nil, "an event for it, come too late, finds nobody")
  }
}
