import ChannelHTTP
import Testing

@Suite struct ByteRangesTests {
  @Test(arguments: [
    ("bytes=0-99", 0..<100), ("bytes=100-", 100..<1000), ("bytes=-100", 900..<1000),
    ("bytes=0-0", 0..<1), ("bytes=999-999", 999..<1000), ("bytes=0-5000", 0..<1000),
    ("bytes=-5000", 0..<1000), ("BYTES=0-", 0..<1000), ("bytes= 0-1 ", 0..<2),
    ("bytes=,0-1,,", 0..<2), ("bytes=0-9223372036854775807", 0..<1000),
    ("bytes=0-18446744073709551617", 0..<1000), ("bytes=-18446744073709551617", 0..<1000),
    ("bytes=0-99,50-199", 0..<200), ("bytes=100-199,0-99", 0..<200), ("bytes=0-9,30-39", 0..<40),
    ("bytes=2000-,5-5", 5..<6),
  ])
  func `one range is one part`(_ field: String, _ part: Range<Int>) {
    #expect(ByteRanges(Array(field.utf8).span, size: 1000) == .parts([part]))
  }

  @Test func `ranges that lie apart stay apart and in order`() {
    #expect(
      ByteRanges(Array("bytes=900-999,0-9,300-309".utf8).span, size: 1000)
        == .parts([0..<10, 300..<310, 900..<1000]))
  }

  @Test(arguments: [
    "bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=5-2", "bytes=", "bytes=a-b", "bytes=1",
    "bytes=--1", "bytes=1-2-3", "bytes=+1-2", "bytes=0x1-2", "bytes=-", "bytes=0-1,x",
    "bytes 0-1", "bytes=9223372036854775807-", "bytes=9223372036854775808-9223372036854775809",
  ])
  func `what lies beyond the end or is no range cannot be satisfied`(_ field: String) {
    #expect(ByteRanges(Array(field.utf8).span, size: 1000) == .unsatisfiable)
  }

  @Test func `an empty file has no range`() {
    #expect(ByteRanges(Array("bytes=0-".utf8).span, size: 0) == .unsatisfiable)
    #expect(ByteRanges(Array("bytes=-1".utf8).span, size: 0) == .unsatisfiable)
  }

  @Test func `other units are ignored`() {
    #expect(ByteRanges(Array("seconds=0-1".utf8).span, size: 1000) == .whole)
  }

  @Test func `a flood of ranges is answered with the whole`() {
    let flood = "bytes=" + Array(repeating: "0-", count: 1300).joined(separator: ",")
    #expect(ByteRanges(Array(flood.utf8).span, size: 1000) == .whole)
  }

  @Test func `the largest file there can be has ranges too`() {
    #expect(
      ByteRanges(Array("bytes=0-0,-2,9223372036854775800-".utf8).span, size: .max)
        == .parts([0..<1, 9_223_372_036_854_775_800..<Int.max]))
  }

  @Test func `offsets beyond four gigabytes are exact`() {
    #expect(
      ByteRanges(Array("bytes=4294967296-4294967297".utf8).span, size: 1 << 40)
        == .parts([4_294_967_296..<4_294_967_298]))
  }
}
