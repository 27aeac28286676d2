import ArgumentParser

/// Who the server is once it has its sockets.
struct PrivilegeArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Become this user once the sockets are bound; for a server that root starts.",
      valueName: "name"))
  var user: String?

  @Option(
    help: ArgumentHelp(
      "Become this group as well. (default: the groups of the user)", valueName: "name"))
  var group: String?

  func validate() throws {
    if user == nil, group != nil { throw ValidationError("--group takes --user as well.") }
  }
}
