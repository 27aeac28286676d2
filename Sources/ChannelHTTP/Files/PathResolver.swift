internal import CLinux
package import ChannelSystem
internal import Glibc
package import SystemPackage

/// Opens names beneath one directory, and never anything else.
///
/// The kernel does the confining (openat2 with RESOLVE_BENEATH), so that no change of the tree
/// between a check and an open can lead outside. Where the kernel or a sandbox refuses that call,
/// a walk from component to component confines as strictly.
package struct PathResolver: ~Copyable, Sendable {
  /// Where the root was found.
  package let path: FilePath
  /// What the root was then.
  let status: FileStatus
  private let root: Descriptor
  private var kernelConfines: Bool

  package init(root path: FilePath, usingKernel: Bool = true) throws(Errno) {
    self.path = path
    let root = try Descriptor(opening: path, options: .directory)
    status = try FileStatus(of: root.raw)
    self.root = root
    kernelConfines = usingKernel
  }

  private init(copying other: borrowing PathResolver) throws(Errno) {
    let raw = other.root.raw.rawValue
    path = other.path
    status = other.status
    kernelConfines = other.kernelConfines
    root = Descriptor(owning: try systemCall { fcntl(raw, F_DUPFD_CLOEXEC, 0) })
  }

  /// One for the same directory that another thread may have.
  borrowing func duplicate() throws(Errno) -> PathResolver {
    try PathResolver(copying: self)
  }

  /// The served directory itself.
  package var directory: FileDescriptor { root.raw }

  // Non-blocking, or a pipe would hold the whole loop; no terminal becomes ours.
  private static let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY

  /// Opens `name`, whose components are separated by `/`; the empty name is the root.
  ///
  /// Symbolic links are followed as long as they stay beneath the root.
  ///
  /// `hasMetLinks` is set when one was, or may have been, on the way.
  package mutating func open(
    _ name: [UInt8], hasMetLinks: inout Bool
  ) throws(Errno) -> Descriptor {
    guard kernelConfines else {
      hasMetLinks = true
      return try PathWalk.open(name, beneath: root.raw, Self.flags)
    }
    let path = Self.cPath(name)
    // The kernel asks to try again when the tree changed under its feet.
    for attempt in 0..<8 {
      do {
        let raw = try systemCall {
          attempt == 0
            ? clinux_open_beneath_without_links(root.raw.rawValue, path, Self.flags)
            : clinux_open_beneath(root.raw.rawValue, path, Self.flags)
        }
        return Descriptor(owning: raw)
      } catch .tooManySymbolicLinkLevels where attempt == 0 {
        hasMetLinks = true
      } catch .resourceTemporarilyUnavailable {
        hasMetLinks = true
        continue
      } catch {
        guard [.noFunction, .notPermitted, Errno(rawValue: E2BIG)].contains(error) else {
          throw error
        }
        kernelConfines = false
        hasMetLinks = true
        return try PathWalk.open(name, beneath: root.raw, Self.flags)
      }
    }
    return try PathWalk.open(name, beneath: root.raw, Self.flags)
  }

  package mutating func open(_ name: [UInt8]) throws(Errno) -> Descriptor {
    var hasMetLinks = false
    return try open(name, hasMetLinks: &hasMetLinks)
  }

  /// A name as system calls that start at the root take it.
  static func cPath(_ name: [UInt8]) -> [CChar] {
    name.isEmpty ? [0x2E, 0] : name.map { CChar(bitPattern: $0) } + [0]
  }
}

/// Resolves a name by opening one component after the other, links by hand.
private struct PathWalk {
  /// A directory on the way; a stack of them is what `..` in a link goes back through.
  private final class Step {
    let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) {
      self.descriptor = descriptor
    }
  }

  private let root: FileDescriptor
  private var steps: [Step] = []
  /// Components still to come, the next one last.
  private var pending: [[UInt8]]
  private var links = 0

  static func open(
    _ name: [UInt8], beneath root: FileDescriptor, _ flags: CInt
  ) throws(Errno) -> Descriptor {
    var walk = PathWalk(root: root, pending: components(of: name[...]).reversed())
    return try walk.run(flags)
  }

  private init(root: FileDescriptor, pending: [[UInt8]]) {
    self.root = root
    self.pending = pending
  }

  private static func components(of path: ArraySlice<UInt8>) -> [[UInt8]] {
    path.split(separator: ASCII.slash).map(Array.init).filter { $0 != [ASCII.dot] }
  }

  private var current: CInt { (steps.last?.descriptor.raw ?? root).rawValue }

  private mutating func run(_ flags: CInt) throws(Errno) -> Descriptor {
    while let component = pending.popLast() {
      if component == [ASCII.dot, ASCII.dot] {
        guard steps.popLast() != nil else { throw Errno(rawValue: EXDEV) }
        continue
      }
      let path = component.map { CChar(bitPattern: $0) } + [0]
      let isLast = pending.isEmpty
      let way = isLast ? flags : clinux_o_path | O_DIRECTORY | O_CLOEXEC
      do {
        let raw = try systemCall { openat(current, path, way | O_NOFOLLOW) }
        let opened = Descriptor(owning: raw)
        if isLast { return opened }
        steps.append(Step(opened))
      } catch {
        guard error == .tooManySymbolicLinkLevels || error == .notDirectory else { throw error }
        try follow(path, because: error)
      }
    }
    let raw = try systemCall { openat(current, ".", flags) }
    return Descriptor(owning: raw)
  }

  /// Puts what the link `path` says in its place.
  private mutating func follow(_ path: [CChar], because error: Errno) throws(Errno) {
    links += 1
    guard links <= 40 else { throw .tooManySymbolicLinkLevels }
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let directory = current
    let count = target.withUnsafeMutableBytes { buffer in
      buffer.withMemoryRebound(to: CChar.self) { text in
        text.baseAddress.map { readlinkat(directory, path, $0, text.count) } ?? -1
      }
    }
    // No link after all: the component is a file where a directory is needed.
    guard count > 0 else { throw error }
    guard target[0] != ASCII.slash else { throw Errno(rawValue: EXDEV) }
    pending += Self.components(of: target[..<count]).reversed()
  }
}
