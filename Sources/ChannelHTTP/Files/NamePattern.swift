/// A pattern for the names of files, in which `*` stands for any run of characters.
struct NamePattern: Sendable, Hashable {
  private let bytes: [UInt8]

  init(_ pattern: some StringProtocol) {
    bytes = Array(pattern.utf8)
  }

  /// Matches by trying, at each star, the shortest run first; one star back is enough.
  func fits(_ name: ArraySlice<UInt8>) -> Bool {
    var (position, index) = (name.startIndex, 0)
    var retry: (position: Int, index: Int)?
    while position < name.endIndex {
      if index < bytes.count, bytes[index] == ASCII.asterisk {
        retry = (position, index + 1)
        index += 1
      } else if index < bytes.count, bytes[index] == name[position] {
        position += 1
        index += 1
      } else if let last = retry {
        retry = (last.position + 1, last.index)
        (position, index) = (last.position + 1, last.index)
      } else {
        return false
      }
    }
    return bytes[index...].allSatisfy { $0 == ASCII.asterisk }
  }
}
