internal import ArgumentParser
internal import ChannelCore

extension Platform {
  /// Reads the value of a `--subdir` option.
  static func parse(_ argument: String) throws -> Platform {
    guard let platform = Platform(argument) else {
      throw ValidationError(
        "\"\(argument)\" is not a subdir's name: noarch, or a platform such as linux-64.")
    }
    return platform
  }
}
