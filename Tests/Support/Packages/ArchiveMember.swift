/// One member of a tar or ZIP archive, as raw as a test wants it: no name is refused or cleaned.
package struct ArchiveMember: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case file
    case directory
    case symbolicLink(to: String)
  }

  /// The bytes of the name, in no promised encoding; a NUL ends it in a tar.
  package var name: [UInt8]
  package var content: [UInt8]
  package var kind: Kind
  package var isExecutable: Bool

  package init(
    _ name: String, _ content: [UInt8] = [], kind: Kind = .file, isExecutable: Bool = false
  ) {
    self.name = Array(name.utf8)
    self.content = content
    self.kind = kind
    self.isExecutable = isExecutable
  }

  package init(_ name: String, text: String, isExecutable: Bool = false) {
    self.init(name, Array(text.utf8), isExecutable: isExecutable)
  }

  package var nameText: String { String(decoding: name, as: UTF8.self) }
}

/// Why an archive could not be written, in the words of the library that refused.
package struct ArchiveWritingError: Error, Sendable, Hashable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) {
    self.description = description
  }
}
