internal import ChannelSystem
package import SystemPackage

/// A file of settings, one `name = value` a line, comments after `#` at a line's beginning.
package struct SettingFile: Sendable {
  /// A line that sets something.
  package struct Line: Sendable, Hashable {
    package let number: Int
    package let name: String
    package let value: String
  }

  package let path: FilePath
  package let lines: [Line]

  /// Reads the file at `path`.
  ///
  /// - Throws: ``ChannelError`` when it cannot be read, or a line of it is no setting.
  package init(_ path: FilePath) throws(ChannelError) {
    guard let file = try SettingFile(at: path) else {
      throw ChannelError(path, "cannot be read: \(Errno.noSuchFileOrDirectory)")
    }
    self = file
  }

  /// Reads the file at `path`; nil when there is none.
  package init?(at path: FilePath) throws(ChannelError) {
    let contents: [UInt8]?
    do throws(Errno) {
      contents = try Descriptor.contents(of: path)
    } catch {
      throw ChannelError(path, "cannot be read: \(error)")
    }
    guard let contents else { return nil }
    guard let text = String(validating: contents, as: UTF8.self) else {
      throw ChannelError(path, "is not UTF-8")
    }
    var lines: [Line] = []
    for (index, text) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let line = Self.trimmed(text)
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      guard let equals = line.firstIndex(of: "=") else {
        throw ChannelError(path, "line \(index + 1): \"\(line)\" is not name = value")
      }
      let name = String(Self.trimmed(line[..<equals]))
      let value = String(Self.trimmed(line[line.index(after: equals)...]))
      guard !value.isEmpty else {
        throw ChannelError(path, "line \(index + 1): \(name) has no value")
      }
      lines.append(Line(number: index + 1, name: name, value: value))
    }
    self.path = path
    self.lines = lines
  }

  /// What is wrong with a line.
  package func error(_ line: Line, _ reason: String) -> ChannelError {
    ChannelError(path, "line \(line.number): \(reason)")
  }

  /// Why there is no setting `name`, and what might have been meant.
  package static func advice(
    for name: String, among names: [String], elsewhere: Set<String>
  ) -> String {
    if elsewhere.contains(name) {
      return "no option \"\(name)\" here: it is for the command line alone"
    }
    let start = "no option \"\(name)\"; "
    let bare = name.hasPrefix("no-") ? String(name.dropFirst(3)) : name
    let nearest = names.map {
      (name: $0, distance: distance(from: Array(bare.utf8), to: Array($0.utf8)))
    }
    .min { $0.distance < $1.distance }
    if let nearest, nearest.distance <= max(1, bare.utf8.count / 2) {
      return start
        + (bare == nearest.name
          ? "write \(nearest.name) = false" : "did you mean \"\(nearest.name)\"?")
    }
    return start + "there are \(names.joined(separator: ", "))"
  }

  /// How many letters must be put in, taken out or replaced to make one name of another.
  private static func distance(from first: [UInt8], to second: [UInt8]) -> Int {
    var row = Array(0...second.count)
    for (index, byte) in first.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, other) in second.enumerated() {
        let above = row[column + 1]
        row[column + 1] = min(above + 1, row[column] + 1, diagonal + (byte == other ? 0 : 1))
        diagonal = above
      }
    }
    return row[second.count]
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text = text.dropLast() }
    return text
  }
}
