import ArgumentParser
import ChannelCore

/// The options that the server has, by which a configuration file may set them.
///
/// They are what the command line takes, by its own account, so that no option is forgotten.
struct OptionTable {
  private struct Option {
    let isRepeatable: Bool
    /// Whether it is `--name`, and perhaps `--no-name`, without a value.
    let isFlag: Bool
    var hasOpposite = false
  }

  private var options: [String: Option] = [:]

  init(of arguments: (some ParsableArguments).Type) {
    guard
      let dump = try? JSONReader.value(in: Array(arguments._dumpHelp().utf8)),
      case .array(let all)? = dump.object?["command"]?.object?["arguments"]
    else { return }
    for argument in all.compactMap(\.object) {
      guard let name = argument["preferredName"]?.object?["name"]?.string,
        let kind = argument["kind"]?.string, kind != "positional", name != "help"
      else { continue }
      options[name] = Option(
        isRepeatable: argument["isRepeating"] == .bool(true), isFlag: kind == "flag")
    }
    for name in options.keys {
      if options.removeValue(forKey: "no-\(name)") != nil { options[name]?.hasOpposite = true }
    }
  }

  var names: [String] { options.keys.sorted() }

  func isRepeatable(_ name: String) -> Bool { options[name]?.isRepeatable == true }

  /// The option that a word of a command line sets; nil for other words.
  func name(in word: Substring) -> String? {
    guard word.hasPrefix("--") else { return nil }
    let name = String(word.dropFirst(2).prefix { $0 != "=" })
    if options[name] != nil { return name }
    let positive = String(name.dropFirst(3))
    return name.hasPrefix("no-") && options[positive]?.hasOpposite == true ? positive : nil
  }

  /// What a command line would say in place of `name = value`; nil for a flag that is neither true
  /// nor false.
  func words(for name: String, _ value: String) -> [String]? {
    guard let option = options[name], option.isFlag else { return ["--\(name)=\(value)"] }
    return switch value {
    case "true": ["--\(name)"]
    case "false": option.hasOpposite ? ["--no-\(name)"] : []
    default: nil
    }
  }
}
