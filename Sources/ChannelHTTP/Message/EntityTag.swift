package import ChannelSystem

/// A validator that names one version of one representation.
///
/// RFC 9110 section 8.8.3. The server's own are always strong.
package struct EntityTag: Sendable, Hashable {
  /// What stands between the quotes.
  package let opaque: [UInt8]

  package init(opaque: [UInt8]) {
    self.opaque = opaque
  }

  /// The tag of a file's content: which file (inode), written when (to the nanosecond), how long.
  ///
  /// A file replaced within the second by one of the same size has another inode; one rewritten in
  /// place has another time.
  package init(_ status: FileStatus, coding: StaticString = "") {
    let modified = status.modified
    var text: [UInt8] = []
    text.reserveCapacity(48)
    // Nanoseconds since 1970 wrap in the year 2554, which harms no comparison.
    let time =
      UInt64(bitPattern: modified.seconds) &* 1_000_000_000 &+ UInt64(modified.nanoseconds)
    text += String(time, radix: 36).utf8
    text.append(ASCII.minus)
    text += String(status.size, radix: 36).utf8
    text.append(ASCII.minus)
    text += String(status.inode, radix: 36).utf8
    if coding.utf8CodeUnitCount > 0 {
      text.append(ASCII.minus)
      text += UnsafeBufferPointer(start: coding.utf8Start, count: coding.utf8CodeUnitCount)
    }
    opaque = text
  }

  /// The tag of content made in memory, 128 bits of a hash.
  ///
  /// It needs no secret: whoever could make two pages collide could as well change the page.
  package init(hashing content: [UInt8]) {
    var (first, second) = (UInt64(content.count), UInt64(0x9E37_79B9_7F4A_7C15))
    content.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        var word: UInt64 = 0
        if offset + 8 <= bytes.count {
          word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        } else {
          for byte in bytes[offset...] { word = word << 8 | UInt64(byte) }
        }
        first = (first ^ word) &* 0xFF51_AFD7_ED55_8CCD
        first ^= first >> 32
        second = (second &+ word) &* 0xC4CE_B9FE_1A85_EC53
        second ^= second >> 29
        offset += 8
      }
    }
    opaque = Array((String(first, radix: 36) + String(second, radix: 36)).utf8)
  }

  /// The tag as it stands in a field, quotes and all.
  package var field: [UInt8] { [ASCII.quote] + opaque + [ASCII.quote] }

  package enum Match: Sendable {
    /// Weak tags match nothing; for If-Match and If-Range.
    case strong
    /// Weakness is overlooked; for If-None-Match.
    case weak
  }

  /// How a list of entity tags speaks of this tag.
  package enum Presence: Sendable, Hashable {
    case absent, present
    /// The list is no list of entity tags.
    case malformed
  }

  /// Looks for the tag in `list`, where `*` stands for any.
  ///
  /// A comma within quotes is part of a tag.
  package func presence(in list: Span<UInt8>, _ match: Match) -> Presence {
    let whole = list.trimmed(0..<list.count)
    if whole.count == 1, list[whole.lowerBound] == ASCII.asterisk { return .present }
    var index = whole.lowerBound
    var found = false
    while index < whole.upperBound {
      if list[index] == ASCII.comma || list[index].isOptionalWhitespace {
        index += 1
        continue
      }
      let isWeak = list[index] == 0x57
      if isWeak {
        guard index + 1 < whole.upperBound, list[index + 1] == ASCII.slash else {
          return .malformed
        }
        index += 2
      }
      guard index < whole.upperBound, list[index] == ASCII.quote else { return .malformed }
      let start = index + 1
      index = start
      while index < whole.upperBound, list[index] != ASCII.quote { index += 1 }
      guard index < whole.upperBound else { return .malformed }
      if match == .weak || !isWeak, list.extracting(start..<index).equals(opaque) { found = true }
      index += 1
      while index < whole.upperBound, list[index].isOptionalWhitespace { index += 1 }
      guard index == whole.upperBound || list[index] == ASCII.comma else { return .malformed }
    }
    return found ? .present : .absent
  }
}
