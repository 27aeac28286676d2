/// The version of the commands and the libraries, named here and nowhere else.
package enum ProductVersion {
  /// The number, by the rules of Semantic Versioning; `Scripts/version.sh` reads it from this line.
  private static let number = "0.1.0"

  /// What `--version` prints for `command`.
  package static func line(of command: String) -> String { "\(command) \(number)" }
}
