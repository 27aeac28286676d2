internal import ChannelSystem
internal import SystemPackage

/// The options that a channel brings along, so that whoever indexes it makes the same documents.
///
/// They stand in `.channel-index.conf` in the channel's root, one `name = value` a line, under the
/// names that they have on the command line. The name is hidden, so that no server shows the file.
/// A line that begins with `#` is a comment; a path is meant from the channel's root; an option that
/// may be given several times may stand there several times.
public enum ChannelConfiguration {
  /// The file's name in the channel's root.
  public static let fileName = ".channel-index.conf"

  /// The options of a channel: the usual ones, and what its file says otherwise.
  ///
  /// - Throws: ``ChannelError`` when the file cannot be read, or a line of it cannot be followed.
  public static func options(of layout: ChannelLayout) throws(ChannelError) -> IndexOptions {
    let path = layout.root.appending(fileName)
    let contents: [UInt8]?
    do throws(Errno) {
      contents = try Descriptor.contents(of: path)
    } catch {
      throw ChannelError(path, "cannot be read: \(error)")
    }
    var options = IndexOptions()
    guard let contents else { return options }
    guard let text = String(validating: contents, as: UTF8.self) else {
      throw ChannelError(path, "is not UTF-8")
    }
    var seen: Set<String> = []
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      do throws(InvalidSetting) {
        try apply(line, in: layout.root, to: &options, seen: &seen)
      } catch {
        throw ChannelError(path, "line \(number + 1): \(error.reason)")
      }
    }
    return options
  }

  private static func apply(
    _ line: Substring, in root: FilePath, to options: inout IndexOptions, seen: inout Set<String>
  ) throws(InvalidSetting) {
    let line = trimmed(line)
    guard !line.isEmpty, !line.hasPrefix("#") else { return }
    guard let equals = line.firstIndex(of: "=") else {
      throw InvalidSetting(reason: "\"\(line)\" is not name = value")
    }
    let name = String(trimmed(line[..<equals]))
    let value = String(trimmed(line[line.index(after: equals)...]))
    guard let setting = Setting.all.first(where: { $0.name == name }) else {
      throw InvalidSetting(reason: "no option \"\(name)\"\(advice(for: name))")
    }
    guard seen.insert(name).inserted || setting.isRepeatable else {
      throw InvalidSetting(reason: "\(name) is set a second time")
    }
    guard !value.isEmpty else { throw InvalidSetting(reason: "\(name) has no value") }
    try setting.apply(value, root, &options)
  }

  /// What might have been meant by a name that is none.
  private static func advice(for name: String) -> String {
    if Setting.commandLineOnly.contains(name) {
      return " here: it is for the command line alone"
    }
    let bare = name.hasPrefix("no-") ? String(name.dropFirst(3)) : name
    let nearest = Setting.all.map(\.name)
      .map { (name: $0, distance: distance(from: Array(bare.utf8), to: Array($0.utf8))) }
      .min { $0.distance < $1.distance }
    if let nearest, nearest.distance <= max(1, bare.utf8.count / 2) {
      return bare == nearest.name
        ? "; write \(nearest.name) = false" : "; did you mean \"\(nearest.name)\"?"
    }
    return "; there are \(Setting.all.map(\.name).joined(separator: ", "))"
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

/// Why a line cannot be followed.
struct InvalidSetting: Error, Hashable {
  let reason: String
}
