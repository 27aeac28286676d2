internal import ChannelCore

/// Somebody who has shown who they are.
package struct Identity: Sendable, Hashable {
  /// What logs call them.
  package let name: String
  /// What they may do.
  package let right: Right
  /// Where they may do it; empty for everywhere.
  package let scopes: [Scope]
  /// What they have done, which does not make them somebody else.
  let activity: IdentityActivity

  package init(
    name: String, right: Right, scopes: [Scope] = [],
    activity: IdentityActivity = IdentityActivity()
  ) {
    self.name = name
    self.right = right
    self.scopes = scopes
    self.activity = activity
  }

  package static func == (left: Identity, right: Identity) -> Bool {
    left.name == right.name && left.right == right.right && left.scopes == right.scopes
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(name)
  }

  /// Whether they may do what takes `right` at a decoded path of the server.
  package func may(_ right: Right, at path: [UInt8]) -> Bool {
    right <= self.right && (scopes.isEmpty || scopes.contains { $0.contains(path) })
  }
}

/// A path of the server with everything below it.
///
/// A channel, or a folder of channels: whoever may see a subdir and not `noarch` beside it could not
/// use either.
package struct Scope: Sendable, Hashable, CustomStringConvertible {
  /// With a slash in front and none at the end; `/` for the whole server.
  package let description: String

  /// Reads a path such as `/condapkg`; nil when it does not begin with a slash, holds parts that no
  /// request can ask for, or leads to a subdir.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: true)
    guard text.hasPrefix("/"), !parts.contains(where: { $0 == "." || $0 == ".." }),
      !text.utf8.contains(0), parts.last.flatMap({ Platform($0) })?.isKnown != true
    else { return nil }
    description = "/" + parts.joined(separator: "/")
  }

  /// Whether a decoded path lies within.
  package func contains(_ path: [UInt8]) -> Bool {
    let own = Array(description.utf8)
    guard own.count > 1 else { return true }
    return path.starts(with: own)
      && (path.count == own.count || path[own.count] == UInt8(ascii: "/"))
  }
}
