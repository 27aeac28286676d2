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
    // Found out below it, it would be named as the file's own fault.
    if let kind = try? FileStatus(of: layout.root).kind, kind != .directory {
      throw ChannelError(layout.root, "not a directory")
    }
    var options = IndexOptions()
    guard let file = try SettingFile(at: layout.root.appending(fileName)) else { return options }
    var seen: Set<String> = []
    for line in file.lines {
      guard let setting = Setting.all.first(where: { $0.name == line.name }) else {
        let advice = SettingFile.advice(
          for: line.name, among: Setting.all.map(\.name), elsewhere: Setting.commandLineOnly)
        throw file.error(line, advice)
      }
      guard seen.insert(line.name).inserted || setting.isRepeatable else {
        throw file.error(line, "\(line.name) is set a second time")
      }
      do throws(InvalidSetting) {
        try setting.apply(line.value, layout.root, &options)
      } catch {
        throw file.error(line, error.reason)
      }
    }
    return options
  }
}

/// Why a line cannot be followed.
struct InvalidSetting: Error, Hashable {
  let reason: String
}
