package import SystemPackage

/// Unpacks one tar after another, for a `TarStream` to read.
///
/// What unpacking needs is made once, whatever the number of packages.
package final class Unpacker {
  private enum Source {
    case nothing, bzip2
    case zstandard(ZipStream.Member)
  }

  private var source = Source.nothing
  private var bzip2 = Bzip2Decoder()
  private var zstandard = ZstandardDecoder()

  package init() {}

  /// Begins with what bzip2 packed into `bytes`, which must outlive their use.
  package func open(bzip2 bytes: UnsafeRawBufferPointer) {
    source = .bzip2
    bzip2.open(bytes)
  }

  /// Begins with what bzip2 packed into a file; `descriptor` must outlive its use.
  package func open(bzip2 descriptor: FileDescriptor) {
    source = .bzip2
    bzip2.open(descriptor)
  }

  /// Begins with the Zstandard frames in a member of another archive.
  package func open(zstandard member: ZipStream.Member) {
    source = .zstandard(member)
    zstandard.open()
  }

  /// The next bytes of the tar, good until the next call; none at its end.
  package func next() throws(ArchiveError) -> UnsafeRawBufferPointer {
    switch source {
    case .nothing: UnsafeRawBufferPointer(start: nil, count: 0)
    case .bzip2: try nextOfBzip2()
    case .zstandard(let member): try nextOfZstandard(member)
    }
  }

  private func nextOfBzip2() throws(ArchiveError) -> UnsafeRawBufferPointer {
    do throws(Bzip2Error) {
      return try bzip2.next()
    } catch {
      throw .damaged("\(error)")
    }
  }

  private func nextOfZstandard(
    _ member: ZipStream.Member
  ) throws(ArchiveError) -> UnsafeRawBufferPointer {
    while true {
      do throws(ZstandardError) {
        if let bytes = try zstandard.next() { return bytes }
      } catch {
        throw .damaged("\(error)")
      }
      var member = member
      let packed = try member.next()
      source = .zstandard(member)
      guard packed.isEmpty else {
        zstandard.feed(packed)
        continue
      }
      do throws(ZstandardError) {
        try zstandard.finish()
        return packed
      } catch {
        throw .damaged("\(error)")
      }
    }
  }
}
