import ArgumentParser
import ChannelCore
import SystemPackage

/// What the server is told: by a configuration file, and before that by the command line.
struct ServerSettings {
  private let file: FilePath?
  private let arguments: ServerArguments
  /// The words of the command line.
  private let words: [String]
  private let table = OptionTable(of: ServerArguments.self)

  /// Settings that the command line gives, and what `file` says beside it.
  ///
  /// - Parameters:
  ///   - file: The configuration file; nil for none.
  ///   - arguments: What was made of the command line.
  ///   - command: The subcommand whose command line it is.
  init(_ file: String?, _ arguments: ServerArguments, of command: String) {
    self.file = file.map { FilePath($0) }
    self.arguments = arguments
    var words = Array(CommandLine.arguments.dropFirst())
    if words.first == command { words.removeFirst() }
    while let index = words.firstIndex(where: { $0 == "--config" || $0.hasPrefix("--config=") }) {
      words.removeSubrange(index..<min(words.count, index + (words[index] == "--config" ? 2 : 1)))
    }
    self.words = words
  }

  private static let commandLineOnly: Set = ["config", "directory", "help", "version"]

  /// Reads the file, as it is now, and lets the command line win over it.
  ///
  /// - Throws: `ChannelError` when the file cannot be read or followed.
  func read() throws -> ServerArguments {
    guard let file else { return arguments }
    let contents = try SettingFile(file)
    let overridden = Set(words.compactMap { table.name(in: $0[...]) })
    var seen: Set<String> = []
    var said: [(line: SettingFile.Line, words: [String])] = []
    for line in contents.lines {
      guard table.names.contains(line.name) else {
        throw contents.error(
          line,
          SettingFile.advice(
            for: line.name, among: table.names, elsewhere: Self.commandLineOnly))
      }
      guard seen.insert(line.name).inserted || table.isRepeatable(line.name) else {
        throw contents.error(line, "\(line.name) is set a second time")
      }
      guard let words = table.words(for: line.name, line.value) else {
        throw contents.error(line, "\(line.name) takes true or false, not \"\(line.value)\"")
      }
      if !overridden.contains(line.name) { said.append((line, words)) }
    }
    do {
      return try ServerArguments.parse(said.flatMap(\.words) + words)
    } catch {
      let reason = Self.reason(for: error)
      // The parser does not know lines: that one is at fault which fails in the same way alone.
      for (line, words) in said {
        do {
          _ = try ServerArguments.parse(words)
        } catch {
          if Self.reason(for: error) == reason { throw contents.error(line, reason) }
        }
      }
      throw ChannelError(file, reason)
    }
  }

  /// One line about an error of the parser's.
  static func reason(for error: any Error) -> String {
    ServerArguments.message(for: error).split(separator: "\n").first.map(String.init) ?? "\(error)"
  }
}
