/// A point in time as HTTP writes it, to the second.
///
/// RFC 9110 section 5.6.7. Written as IMF-fixdate, read in all three forms.
package struct HTTPDate: Sendable, Hashable, Comparable {
  /// Since 1970, UTC, from the year 1 to the year 9999, which is as far as four digits go.
  package let seconds: Int

  /// The time `seconds` after 1970, or the nearest that can be written.
  ///
  /// File systems keep times that no calendar knows, and anyone can set them.
  package init(seconds: Int) {
    self.seconds = min(max(seconds, Self.earliest), Self.latest)
  }

  static let earliest = -62_135_596_800
  static let latest = 253_402_300_799

  package static func < (left: Self, right: Self) -> Bool { left.seconds < right.seconds }

  /// The length of an IMF-fixdate.
  static let length = 29

  private static let days: StaticString = "SunMonTueWedThuFriSat"
  private static let months: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"

  /// A date and time of the Gregorian calendar, UTC.
  struct Calendar {
    var year = 1970
    /// 1 to 12.
    var month = 1
    var day = 1
    var hour = 0
    var minute = 0
    var second = 0
    /// Sunday is 0.
    var weekday = 4
  }

  /// The date in the calendar; days are counted from 1 March of year 0, so that the leap day is
  /// the last of its year.
  var calendar: Calendar {
    let days = Int((Double(seconds) / 86_400).rounded(.down))
    let rest = seconds - days * 86_400
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return Calendar(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
      day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, hour: rest / 3600,
      minute: rest / 60 % 60, second: rest % 60, weekday: ((days % 7) + 11) % 7)
  }

  /// Nil for a date that no calendar holds.
  init?(_ date: Calendar) {
    guard (1...12).contains(date.month), (0..<24).contains(date.hour), date.year >= 1,
      (0..<60).contains(date.minute), (0...60).contains(date.second), date.day >= 1
    else { return nil }
    let leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0)
    let lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard date.day <= lengths[date.month - 1] else { return nil }
    let year = date.month <= 2 ? date.year - 1 : date.year
    let era = year / 400
    let yearOfEra = year - era * 400
    let shiftedMonth = date.month > 2 ? date.month - 3 : date.month + 9
    let dayOfYear = (153 * shiftedMonth + 2) / 5 + date.day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = era * 146_097 + dayOfEra - 719_468
    self.init(
      seconds: days * 86_400 + date.hour * 3600 + date.minute * 60 + date.second)
  }

  /// The date as IMF-fixdate, as in `Sun, 06 Nov 1994 08:49:37 GMT`.
  package var bytes: [UInt8] {
    let date = calendar
    let days = UnsafeBufferPointer(start: Self.days.utf8Start, count: 21)
    var text: [UInt8] = []
    text.reserveCapacity(Self.length)
    text += days[date.weekday * 3..<date.weekday * 3 + 3]
    text += ", ".utf8
    Self.appendTwoDigits(date.day, to: &text)
    text.append(ASCII.space)
    text += Self.name(ofMonth: date.month)
    text.append(ASCII.space)
    Self.appendTwoDigits(date.year / 100 % 100, to: &text)
    Self.appendTwoDigits(date.year % 100, to: &text)
    text.append(ASCII.space)
    Self.appendTwoDigits(date.hour, to: &text)
    text.append(ASCII.colon)
    Self.appendTwoDigits(date.minute, to: &text)
    text.append(ASCII.colon)
    Self.appendTwoDigits(date.second, to: &text)
    text += " GMT".utf8
    return text
  }

  static func name(ofMonth month: Int) -> Slice<UnsafeBufferPointer<UInt8>> {
    UnsafeBufferPointer(start: months.utf8Start, count: 36)[(month - 1) * 3..<month * 3]
  }

  static func appendTwoDigits(_ value: Int, to text: inout [UInt8]) {
    text.append(ASCII.zero + UInt8(truncatingIfNeeded: value / 10 % 10))
    text.append(ASCII.zero + UInt8(truncatingIfNeeded: value % 10))
  }
}

// Reading.
extension HTTPDate {
  /// Reads an IMF-fixdate, an RFC 850 date or an asctime date.
  ///
  /// A two-digit year that looks more than fifty years ahead of `now` is in the past.
  package init?(_ text: Span<UInt8>, now: HTTPDate) {
    var reader = Reader(position: 0)
    var date = Calendar()
    guard let comma = (0..<min(text.count, 10)).first(where: { text[$0] == ASCII.comma }) else {
      // Sun Nov  6 08:49:37 1994
      guard text.count == 24, Self.isDay(text.extracting(0..<3)) else { return nil }
      reader.position = 3
      guard reader.skip(ASCII.space, text), let month = reader.month(text),
        reader.skip(ASCII.space, text)
      else { return nil }
      date.month = month
      let padded = text[reader.position] == ASCII.space
      if padded { reader.position += 1 }
      guard let day = reader.number(text, digits: padded ? 1 : 2), reader.skip(ASCII.space, text),
        reader.time(text, into: &date), reader.skip(ASCII.space, text),
        let year = reader.number(text, digits: 4), reader.position == text.count
      else { return nil }
      (date.day, date.year) = (day, year)
      self.init(date)
      return
    }
    guard Self.isDay(text.extracting(0..<min(comma, 3))) else { return nil }
    reader.position = comma + 1
    let separator = comma == 3 ? ASCII.space : ASCII.minus
    guard reader.skip(ASCII.space, text), let day = reader.number(text, digits: 2),
      reader.skip(separator, text), let month = reader.month(text), reader.skip(separator, text),
      var year = reader.number(text, digits: comma == 3 ? 4 : 2), reader.skip(ASCII.space, text)
    else { return nil }
    if comma > 3 {
      let current = now.calendar.year
      year += current - current % 100
      if year > current + 50 { year -= 100 }
    }
    (date.day, date.month, date.year) = (day, month, year)
    guard reader.time(text, into: &date), reader.skip(ASCII.space, text),
      text.extracting(reader.position..<text.count).equals("GMT")
    else { return nil }
    self.init(date)
  }

  private static func isDay(_ name: Span<UInt8>) -> Bool {
    guard name.count == 3 else { return false }
    let days = UnsafeBufferPointer(start: days.utf8Start, count: 21)
    return stride(from: 0, to: 21, by: 3).contains { start in
      (0..<3).allSatisfy { name[$0] == days[start + $0] }
    }
  }

  private struct Reader {
    var position: Int

    mutating func skip(_ byte: UInt8, _ text: Span<UInt8>) -> Bool {
      guard position < text.count, text[position] == byte else { return false }
      position += 1
      return true
    }

    mutating func number(_ text: Span<UInt8>, digits: Int) -> Int? {
      guard position + digits <= text.count else { return nil }
      defer { position += digits }
      return text.extracting(position..<position + digits).decimalValue()
    }

    mutating func month(_ text: Span<UInt8>) -> Int? {
      guard position + 3 <= text.count else { return nil }
      defer { position += 3 }
      let start = position
      return (1...12).first { month in
        zip(start..., HTTPDate.name(ofMonth: month)).allSatisfy { text[$0] == $1 }
      }
    }

    mutating func time(_ text: Span<UInt8>, into date: inout Calendar) -> Bool {
      guard let hour = number(text, digits: 2), skip(ASCII.colon, text),
        let minute = number(text, digits: 2), skip(ASCII.colon, text),
        let second = number(text, digits: 2)
      else { return false }
      (date.hour, date.minute, date.second) = (hour, minute, second)
      return true
    }
  }
}
