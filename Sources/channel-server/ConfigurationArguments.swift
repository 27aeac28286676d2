import ArgumentParser

/// Where options come from that the command line does not give.
struct ConfigurationArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file of options, one \"name = value\" a line; the command line wins over it.",
      valueName: "file"),
    completion: .file())
  var config: String?
}
