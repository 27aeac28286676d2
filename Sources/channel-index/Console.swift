internal import ArgumentParser
internal import ChannelCore
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// The options that say how much is printed.
struct OutputArguments: ParsableArguments {
  /// When to use colours.
  enum Color: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
  }

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Name every package that was added, changed or removed.")
  var verbose = false

  @Option(help: "Colours: auto, always or never.")
  var color = Color.auto

  func validate() throws {
    if quiet && verbose { throw ValidationError("-q and -v exclude each other.") }
  }
}

/// Where the command prints: results on stdout, everything else on stderr.
struct Console: Sendable {
  enum Style: String {
    case plain = ""
    case good = "\u{1B}[32m"
    case odd = "\u{1B}[33m"
    case bad = "\u{1B}[31m"
  }

  let isQuiet: Bool
  let isVerbose: Bool
  private let colorsErrors: Bool
  private let colorsResults: Bool
  private let showsBar: Bool

  init(_ arguments: OutputArguments) {
    isQuiet = arguments.quiet
    isVerbose = arguments.verbose
    let wantsColor = getenv("NO_COLOR") == nil
    colorsErrors =
      arguments.color == .always
      || arguments.color == .auto && wantsColor && isatty(STDERR_FILENO) == 1
    colorsResults =
      arguments.color == .always
      || arguments.color == .auto && wantsColor && isatty(STDOUT_FILENO) == 1
    showsBar = !arguments.quiet && isatty(STDERR_FILENO) == 1
  }

  /// A line of what the command was asked for.
  func result(_ line: String, _ style: Style = .plain) {
    write(line, style, to: .standardOutput, colors: colorsResults)
  }

  /// A line of what went wrong or is odd.
  func complain(_ kind: String, _ line: String, _ style: Style) {
    write("channel-index: \(kind): \(line)", style, to: .standardError, colors: colorsErrors)
  }

  /// Draws a bar on a terminal; elsewhere lines would only be in the way.
  func progress(_ progress: IndexProgress) {
    guard showsBar, progress.total > 20 else { return }
    let width = 40
    let filled = width * progress.read / max(1, progress.total)
    let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: width - filled)
    let line = "\r\(bar) \(progress.read) of \(progress.total) packages read"
    print(progress.read == progress.total ? "\r\u{1B}[K" : line, to: .standardError)
  }

  private func write(
    _ line: String, _ style: Style, to descriptor: FileDescriptor, colors: Bool
  ) {
    let line = Self.harmless(line)
    let text = colors && style != .plain ? style.rawValue + line + "\u{1B}[0m" : line
    print(text + "\n", to: descriptor)
  }

  /// A file's name can hold what would steer the terminal or fake a line.
  private static func harmless(_ line: String) -> String {
    guard line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { return line }
    return line.unicodeScalars.reduce(into: "") { text, scalar in
      text +=
        scalar.properties.generalCategory == .control
        ? scalar.escaped(asASCII: true) : String(scalar)
    }
  }

  /// Output that cannot be written, to a closed pipe for one, must not stop the work.
  private func print(_ text: String, to descriptor: FileDescriptor) {
    _ = try? descriptor.writeAll(text.utf8)
  }
}
