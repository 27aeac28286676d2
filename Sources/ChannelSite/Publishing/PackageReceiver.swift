internal import ChannelCore
internal import ChannelHTTP
internal import SystemPackage

/// Takes a package as it arrives, and has it published once it is all there.
struct PackageReceiver: UploadReceiver {
  let target: PublishTarget
  /// Told what became of it, before the client is.
  let note: @Sendable (PublishOutcome) -> Void
  private let file: StagedFile
  /// How much may be written before the disk is looked at again.
  private var nextLook = PackageReceiver.stride

  private static let stride = 32 << 20

  /// Begins to receive; fails where nothing can be written.
  init(_ target: PublishTarget, note: @escaping @Sendable (PublishOutcome) -> Void) throws(Errno) {
    self.target = target
    self.note = note
    file = try target.publisher.stage()
  }

  mutating func receive(_ piece: [UInt8]) -> HTTPResponse? {
    guard let failure = take(piece) else { return nil }
    note(failure)
    return failure.response
  }

  /// Writes a piece; says why if it cannot.
  mutating func take(_ piece: [UInt8]) -> PublishOutcome? {
    do throws(Errno) {
      let size = try file.append(piece)
      if size >= nextLook {
        nextLook = size + Self.stride
        if let free = target.publisher.freeSpace, free == 0 { return .noSpace }
      }
      return nil
    } catch .noSpace {
      return .noSpace
    } catch .diskQuotaExceeded {
      return .noSpace
    } catch {
      return target.publisher.failure("\(file.path): cannot be written to: \(error)")
    }
  }

  mutating func finish(_ answer: @escaping @Sendable (HTTPResponse) -> Void) {
    publish(attestations: nil, answer)
  }

  /// Has what was received published.
  func publish(
    attestations: [UInt8]?, _ answer: @escaping @Sendable (HTTPResponse) -> Void
  ) {
    let (sha256, size) = file.finish()
    let note = note
    let conclude: @Sendable (PublishOutcome) -> Void = { outcome in
      var outcome = outcome
      (outcome.sha256, outcome.size) = (sha256, size)
      note(outcome)
      answer(outcome.response)
    }
    if let expected = target.expected, expected != sha256 {
      return conclude(
        .refused("digest", "the bytes that arrived are not those that were announced (SHA-256)"))
    }
    var candidate = PackageCandidate(file: file.path, name: target.archive.fileName)
    candidate.subdir = target.subdir
    candidate.attestations = attestations
    let job = Publisher.Job(
      change: .add(candidate, file, replaces: target.replaces), answer: conclude)
    if !target.publisher.submit(job) {
      conclude(PublishOutcome(503, "stopping", "the server is about to stop; send it again"))
    }
  }

  mutating func abandon() {
    note(PublishOutcome(499, "broken-off", "the upload was broken off"))
  }
}
