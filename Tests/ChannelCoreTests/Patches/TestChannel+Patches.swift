import ChannelCore
import Support
import SystemPackage

extension TestChannel {
  /// A file of instructions beside the channel.
  func patches(_ text: String) throws -> FilePath {
    let file = directory("patches.json")
    try file.write(text)
    return file
  }

  /// Indexes the channel by the instructions in `text`, which concern every subdir.
  @discardableResult
  func index(now: Int = 1_000, patches text: String) throws -> IndexReport {
    let path = try patches(text)
    return try index(now: now) { $0.patches = path }
  }

  /// A line for each instruction that was odd, without the path in front.
  func patchWarnings(_ report: IndexReport) -> [String] {
    (report.warnings + report.subdirs.flatMap(\.warnings)).compactMap { line in
      let prefix = "\(directory("patches"))"
      guard line.hasPrefix(prefix), let colon = line.firstIndex(of: ":") else { return nil }
      return String(line[colon...].dropFirst(2))
    }
  }
}

/// Instructions as text, from the text of their members.
func instructions(version: Int = 1, _ members: String...) -> String {
  let version = "\"patch_instructions_version\":\(version)"
  return "{\(([version] + members).joined(separator: ","))}"
}
