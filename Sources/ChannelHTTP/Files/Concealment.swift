/// A file that some clients are better off without: they are told that there is none.
///
/// It is no protection. Whoever wants the file calls itself otherwise.
public struct Concealment: Sendable, Hashable {
  /// The name of the files, wherever they lie.
  public var name: String
  /// How the `User-Agent` of those clients begins, in any case; nil for all clients.
  public var agents: [String]?

  /// Creates a concealment.
  public init(of name: String, from agents: [String]? = nil) {
    self.name = name
    self.agents = agents
  }
}

/// The files to be concealed, as they are looked for.
struct Concealments: Sendable {
  private let files: [(name: [UInt8], agents: [[UInt8]]?)]

  init(_ concealments: [Concealment]) {
    files = concealments.map { concealment in
      (
        Array(concealment.name.utf8),
        concealment.agents.map { $0.map { $0.utf8.map(\.lowercased) } }
      )
    }
  }

  var isEmpty: Bool { files.isEmpty }

  /// Whether the file asked for is one that the client should not get.
  func apply(to head: RequestHead, in bytes: Span<UInt8>) -> Bool {
    let path = bytes.extracting(head.path)
    for file in files where path.hasLastComponent(file.name) {
      guard let agents = file.agents else { return true }
      guard let field = head.single(.userAgent) else { continue }
      let agent = bytes.extracting(field)
      for start in agents where agent.count >= start.count {
        if start.indices.allSatisfy({ agent[$0].lowercased == start[$0] }) { return true }
      }
    }
    return false
  }

  /// Whether who asks makes a difference to a file called `name`.
  func dependsOnAgent(_ name: ArraySlice<UInt8>) -> Bool {
    files.contains { $0.agents != nil && $0.name.elementsEqual(name) }
  }
}

extension Span<UInt8> {
  /// Whether the bytes are a path that ends with the component `name`.
  func hasLastComponent(_ name: [UInt8]) -> Bool {
    let start = count - name.count
    guard start > 0, self[start - 1] == ASCII.slash else { return false }
    for index in name.indices.reversed() where self[start + index] != name[index] { return false }
    return true
  }
}
