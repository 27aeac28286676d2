/// Times as text, where many that follow each other are the same.
struct TimeText {
  private var last: HTTPDate?
  private var text: [UInt8] = []

  /// As in `2026-01-31 09:05`, UTC.
  mutating func minute(of time: HTTPDate) -> [UInt8] {
    guard time != last else { return text }
    last = time
    text.removeAll(keepingCapacity: true)
    let date = time.calendar
    for (number, end) in [
      (date.year / 100, nil), (date.year % 100, ASCII.minus), (date.month, ASCII.minus),
      (date.day, ASCII.space), (date.hour, ASCII.colon), (date.minute, nil),
    ] {
      HTTPDate.appendTwoDigits(number, to: &text)
      if let end { text.append(end) }
    }
    return text
  }

  /// As HTTP's fields give it.
  mutating func date(of time: HTTPDate) -> [UInt8] {
    guard time != last else { return text }
    last = time
    text = time.bytes
    return text
  }
}
