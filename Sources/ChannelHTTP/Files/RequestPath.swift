/// A request's path as a name beneath the served folder: decoded once, dot segments resolved.
///
/// RFC 3986 sections 2.1 and 5.2.4. All on bytes, since file names promise no encoding.
package struct RequestPath: Sendable, Equatable {
  /// The name, `/` between components and at neither end; empty for the root.
  package private(set) var name: [UInt8] = []
  /// Whether the path ends as a directory's does.
  package private(set) var isDirectory = true
  /// Whether a component starts with a dot, as names do that are nobody's business.
  package private(set) var isHidden = false

  package static let maximumComponent = 255
  package static let maximumName = 4095

  package init() {
    name.reserveCapacity(256)
  }

  /// Reads a path that starts with `/`.
  ///
  /// - Throws: `.badRequest` for what is no path or leads above the root, `.notFound` for what no
  ///   file can be called.
  package mutating func decode(_ path: Span<UInt8>) throws(Status) {
    name.removeAll(keepingCapacity: true)
    isHidden = false
    isDirectory = true
    var index = 0
    while index < path.count {
      guard path[index] == ASCII.slash else { throw .badRequest }
      index += 1
      let start = name.isEmpty ? 0 : name.count + 1
      if !name.isEmpty { name.append(ASCII.slash) }
      while index < path.count, path[index] != ASCII.slash {
        name.append(try Self.nextByte(of: path, at: &index))
      }
      try settleComponent(from: start)
    }
    guard name.count <= Self.maximumName else { throw .notFound }
    isHidden = hasHiddenComponent
  }

  private static func nextByte(
    of path: Span<UInt8>, at index: inout Int
  ) throws(Status) -> UInt8 {
    guard path[index] == ASCII.percent else {
      defer { index += 1 }
      return path[index]
    }
    guard index + 2 < path.count, let high = path[index + 1].hexValue,
      let low = path[index + 2].hexValue
    else { throw .badRequest }
    index += 3
    let byte = high << 4 | low
    guard byte != 0 else { throw .badRequest }
    // A slash that is part of a name: no file has such a name.
    guard byte != ASCII.slash else { throw .notFound }
    return byte
  }

  /// Resolves the component that starts at `start` and ends the name.
  private mutating func settleComponent(from start: Int) throws(Status) {
    let length = name.count - start
    guard length <= Self.maximumComponent else { throw .notFound }
    isDirectory = false
    if length == 2, name[start] == ASCII.dot, name[start + 1] == ASCII.dot {
      guard start > 0 else { throw .badRequest }
      name.removeLast(3)
      while let last = name.popLast(), last != ASCII.slash {}
      isDirectory = true
    } else if length == 0 || length == 1 && name[start] == ASCII.dot {
      name.removeLast(min(name.count, length + 1))
      isDirectory = true
    }
  }

  private var hasHiddenComponent: Bool {
    var atStart = true
    for byte in name {
      if atStart, byte == ASCII.dot { return true }
      atStart = byte == ASCII.slash
    }
    return false
  }

  /// Takes the components of `mount` off the front.
  ///
  /// - Returns: False when the path is not beneath `mount`.
  package mutating func strip(_ mount: [UInt8]) -> Bool {
    guard !mount.isEmpty else { return true }
    guard name.starts(with: mount) else { return false }
    if name.count == mount.count {
      name.removeAll(keepingCapacity: true)
      return true
    }
    guard name[mount.count] == ASCII.slash else { return false }
    name.removeFirst(mount.count + 1)
    return true
  }

  /// The decoded path from the server's root, with a slash at the end of a directory's.
  package var absolute: [UInt8] {
    [ASCII.slash] + name + (isDirectory && !name.isEmpty ? [ASCII.slash] : [])
  }

  /// The last component; empty for the root.
  package var lastComponent: ArraySlice<UInt8> {
    guard let slash = name.lastIndex(of: ASCII.slash) else { return name[...] }
    return name[(slash + 1)...]
  }
}

/// Writes bytes so that they stay one component of a path wherever a URI is read.
enum PercentEncoding {
  static func append(_ component: ArraySlice<UInt8>, to text: inout [UInt8]) {
    if component.allSatisfy({ $0.isLetter || $0.isDigit || isSafeMark($0) }) {
      text += component
      return
    }
    for byte in component {
      if byte.isLetter || byte.isDigit || isSafeMark(byte) {
        text.append(byte)
      } else {
        text.append(ASCII.percent)
        text.append(hexDigit(byte >> 4))
        text.append(hexDigit(byte & 15))
      }
    }
  }

  /// A path of several components.
  static func path(_ name: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    for (index, component) in name.split(separator: ASCII.slash).enumerated() {
      if index > 0 { text.append(ASCII.slash) }
      append(component, to: &text)
    }
    return text
  }

  /// A reference to the directory `component` from beside it.
  static func directory(_ component: ArraySlice<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    append(component, to: &text)
    text.append(ASCII.slash)
    return text
  }

  /// Unreserved marks, and those sub-delims that mean nothing in a path.
  ///
  /// The colon is not among them: a relative reference that starts `name:` names a scheme.
  private static func isSafeMark(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x2D, 0x2E, 0x5F, 0x7E, 0x21, 0x2B, 0x2C, 0x3D, 0x40: true
    default: false
    }
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? ASCII.zero + value : 0x37 + value
  }
}
