internal import ChannelSystem
internal import SystemPackage

/// What requests were answered with, for the next one with the same path.
///
/// The path as it was sent is the key, so a hit costs no decoding. Whoever takes an entry out must
/// ask whether it is still true.
struct FileCache: ~Copyable {
  /// How much is kept.
  struct Limits {
    var entries = 4096
    var files = 512
    var bytes = 32 << 20
  }

  final class Entry {
    let path: [UInt8]
    let variant: UInt8
    let hash: UInt64
    let resource: Resource
    let evidence: Evidence
    fileprivate var isUsed = true

    init(
      path: [UInt8], variant: UInt8, hash: UInt64, resource: Resource, evidence: Evidence
    ) {
      self.path = path
      self.variant = variant
      self.hash = hash
      self.resource = resource
      self.evidence = evidence
    }
  }

  /// Open addressing; the number of slots is a power of two and at least twice that of entries.
  private var slots: [Entry?]
  private(set) var count = 0
  private var files = 0
  private var bytes = 0
  private let limits: Limits
  private let seed = UInt64.random(in: 0 ... .max)

  init(limits: Limits = Limits()) {
    self.limits = limits
    slots = Array(repeating: nil, count: Self.slotCount(for: limits.entries))
  }

  private static func slotCount(for entries: Int) -> Int {
    var count = 16
    while count < entries * 2 { count *= 2 }
    return count
  }

  /// A hash that nobody outside can foresee.
  func hash(_ path: Span<UInt8>, _ variant: UInt8) -> UInt64 {
    var hash = seed ^ UInt64(variant)
    path.withUnsafeBytes { bytes in
      var offset = 0
      while offset + 8 <= bytes.count {
        hash = Self.mix(hash, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        offset += 8
      }
      var rest = UInt64(bytes.count) << 56
      while offset < bytes.count {
        rest = rest << 8 | UInt64(bytes[offset])
        offset += 1
      }
      hash = Self.mix(hash, rest)
    }
    return hash
  }

  private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let (high, low) = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return high ^ low
  }

  func find(_ path: Span<UInt8>, _ variant: UInt8, hash: UInt64) -> Entry? {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while let entry = slots[slot] {
      if entry.hash == hash, entry.variant == variant, path.equals(entry.path) {
        entry.isUsed = true
        return entry
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Keeps an entry in the place of the one with the same key.
  mutating func insert(_ entry: Entry) {
    if count >= limits.entries || files >= limits.files || bytes >= limits.bytes { sweep() }
    place(entry)
  }

  private mutating func place(_ entry: Entry) {
    var slot = Int(truncatingIfNeeded: entry.hash) & (slots.count - 1)
    while let other = slots[slot] {
      if other.hash == entry.hash, other.variant == entry.variant, other.path == entry.path {
        uncount(other)
        break
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = entry
    count += 1
    files += entry.resource.fileCount
    bytes += entry.resource.byteCount
  }

  private mutating func uncount(_ entry: Entry) {
    count -= 1
    files -= entry.resource.fileCount
    bytes -= entry.resource.byteCount
  }

  /// Lets go of what nobody has asked for since the last time, or of everything if that is little.
  private mutating func sweep() {
    let entries = slots.compactMap { $0 }
    let used = entries.filter(\.isUsed)
    removeAll()
    guard used.count * 4 <= limits.entries * 3 else { return }
    for entry in used {
      entry.isUsed = false
      place(entry)
    }
    if files * 4 > limits.files * 3 || bytes * 4 > limits.bytes * 3 { removeAll() }
  }

  /// Lets go of open files that are not, by their evidence, what their paths lead to.
  mutating func removeFiles(unless isTrue: (Evidence) -> Bool) {
    guard files > 0 else { return }
    let entries = slots.compactMap { $0 }
    let kept = entries.filter { $0.resource.fileCount == 0 || isTrue($0.evidence) }
    guard kept.count < entries.count else { return }
    removeAll()
    for entry in kept { place(entry) }
  }

  mutating func removeAll() {
    slots = Array(repeating: nil, count: slots.count)
    (count, files, bytes) = (0, 0, 0)
  }
}

/// What a path leads to.
enum Resource {
  case file(FileResource)
  /// A directory asked for without its slash, and the reference that adds it.
  case redirect(location: [UInt8])
  case missing

  /// Files held open.
  var fileCount: Int {
    guard case .file(let file) = self else { return 0 }
    return file.representations.count { $0.file != nil }
  }

  /// Bytes held in memory, roughly.
  var byteCount: Int {
    guard case .file(let file) = self else { return 256 }
    return file.representations.reduce(1024) { $0 + $1.bytes.count }
  }
}
