/// Text for people or for programs, written from front to back.
struct PageWriter {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  /// Makes room for `count` bytes in all.
  mutating func reserveCapacity(_ count: Int) {
    bytes.reserveCapacity(count)
  }

  /// Appends what needs no care.
  mutating func write(_ text: StaticString) {
    bytes += UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  /// Appends what needs no care.
  mutating func write(bytes text: some Collection<UInt8>) {
    bytes += text
  }

  mutating func write(_ number: Int) {
    var bound = 1
    while number / bound >= 10 { bound *= 10 }
    while bound > 0 {
      bytes.append(ASCII.zero + UInt8(truncatingIfNeeded: number / bound % 10))
      bound /= 10
    }
  }

  /// Appends a number with commas between its thousands.
  mutating func write(grouped number: Int) {
    let digits = Array(String(number).utf8)
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { bytes.append(ASCII.comma) }
      bytes.append(digit)
    }
  }

  /// Appends a number of bytes with the unit that leaves two or three digits, as in `1.2 MB`.
  mutating func write(size: Int) {
    var (value, unit) = (Double(size), 0)
    while value >= 999.5, unit < Self.units.count - 1 {
      value /= 1000
      unit += 1
    }
    if unit > 0, value < 9.95 {
      let tenths = Int((value * 10).rounded())
      write(tenths / 10)
      bytes.append(ASCII.dot)
      write(tenths % 10)
    } else {
      write(Int(value.rounded()))
    }
    write(Self.units[unit])
  }

  private static let units: [StaticString] = [" B", " kB", " MB", " GB", " TB"]

  /// Appends text in which no byte means anything to HTML; what is no UTF-8 is replaced.
  mutating func write(escaping text: some Collection<UInt8>) {
    // What most names consist of.
    guard !text.isPlain else { return write(bytes: text) }
    for byte in String(decoding: text, as: UTF8.self).utf8 {
      switch byte {
      case 0x26: write("&amp;")
      case 0x3C: write("&lt;")
      case 0x3E: write("&gt;")
      case ASCII.quote: write("&quot;")
      case 0x27: write("&#39;")
      case 0..<ASCII.space, ASCII.delete: write("\u{FFFD}")
      default: bytes.append(byte)
      }
    }
  }

  /// Appends one component of a path, so that it stays one wherever a URI is read.
  mutating func write(percentEncoding component: ArraySlice<UInt8>) {
    PercentEncoding.append(component, to: &bytes)
  }
}

extension Collection<UInt8> {
  /// Whether it is made of letters, digits and `+,-._` alone, which mean nothing anywhere.
  var isPlain: Bool {
    withContiguousStorageIfAvailable { $0.allSatisfy(Self.isPlain) } ?? allSatisfy(Self.isPlain)
  }

  @inline(__always) private static func isPlain(_ byte: UInt8) -> Bool {
    // A bit for each of them, those below 64 and those above.
    let (low, high): (UInt64, UInt64) = (0x03FF_7800_0000_0000, 0x07FF_FFFE_87FF_FFFE)
    return byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
  }
}
