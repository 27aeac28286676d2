import ChannelHTTP
import Testing

@Suite struct HTTPDateTests {
  private let now = HTTPDate(seconds: 1_800_000_000)

  @Test(arguments: [
    (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
    (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
    (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
  ])
  func `a date is written as IMF-fixdate and read back`(_ seconds: Int, _ text: String) {
    #expect(String(decoding: HTTPDate(seconds: seconds).bytes, as: UTF8.self) == text)
    #expect(HTTPDate(Array(text.utf8).span, now: now) == HTTPDate(seconds: seconds))
  }

  @Test(arguments: [
    "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
  ])
  func `all three forms are read`(_ text: String) {
    #expect(HTTPDate(Array(text.utf8).span, now: now) == HTTPDate(seconds: 784_111_777))
  }

  @Test(arguments: [
    "", "x", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:49:37 GMT",
    "Sun, 06 Now 1994 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994",
    "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 29 Feb 1900 00:00:00 GMT",
    "Sun, 06 Nov 0000 00:00:00 GMT",
    "Sun, 06 Nov", "Sun Nov  6 08:49:37 199", ", 06 Nov 1994 08:49:37 GMT",
  ])
  func `what is no date is none`(_ text: String) {
    #expect(HTTPDate(Array(text.utf8).span, now: now) == nil)
  }

  @Test(arguments: [
    (Int.min, "Mon, 01 Jan 0001 00:00:00 GMT"), (Int.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
  ])
  func `a time that no calendar knows is the nearest that it does`(
    _ seconds: Int, _ text: String
  ) {
    #expect(String(decoding: HTTPDate(seconds: seconds).bytes, as: UTF8.self) == text)
  }

  @Test func `every day of four centuries survives being written and read`() {
    for day in stride(from: 0, to: 146_097, by: 13) {
      let date = HTTPDate(seconds: day * 86_400 + day % 86_400)
      #expect(HTTPDate(date.bytes.span, now: now) == date)
    }
  }
}
