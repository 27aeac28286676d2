internal import ChannelSystem
public import SystemPackage

/// A file that is to join a channel as a package.
public struct PackageCandidate: Sendable, Hashable {
  /// Where the file lies now.
  public var file: FilePath
  /// What it is to be called in the channel.
  public var name: String
  /// The subdir it is meant for, where it is refused if it is not for that; nil for that which its
  /// record names.
  public var subdir: Platform?
  /// A list of attestations to be published beside it: a JSON array of bundles.
  public var attestations: [UInt8]?

  /// Names a file, which keeps its own name unless given another: an upload may lie under any.
  public init(file: FilePath, name: String? = nil) {
    self.file = file
    self.name = name ?? file.lastComponent?.string ?? ""
  }
}

/// How packages join a channel.
public struct AdmissionOptions: Sendable, Hashable {
  /// Whether the candidates' files are to be gone afterwards.
  ///
  /// On the channel's file system they are renamed into it, which costs nothing.
  public var moves = false
  /// Whether a package of the same name that has other bytes gives way.
  public var replaces = false
  /// Checks that candidates must pass, whatever the policy makes of them later.
  ///
  /// For those who let others publish: their rules about names hold only where names are true.
  public var insistsOn: [PackageCheck] = []

  /// Files are copied, and nothing gives way.
  public init() {}
}

/// What became of each candidate, and of the index.
public struct AdmissionReport: Sendable, Hashable {
  /// What became of one candidate.
  public enum Outcome: Sendable, Hashable {
    /// It is in the channel now.
    case added
    /// It is in the channel now, in the place of one with other bytes.
    case replaced
    /// The same bytes were there already.
    case unchanged
    /// It is not in the channel, for this reason.
    case refused(PackageError)
  }

  /// One candidate.
  public struct Entry: Sendable, Hashable {
    /// The candidate.
    public let candidate: PackageCandidate
    /// Its subdir, as far as the package could be read.
    public let subdir: Platform?
    /// What became of it.
    public let outcome: Outcome
    /// Why no index lists it although it is in the channel; nil when it is listed, or was refused.
    ///
    /// It is yanked, patches remove it, or newer packages have taken its place.
    public internal(set) var withheld: String?
  }

  /// The candidates in the order in which they were given.
  public internal(set) var entries: [Entry] = []
  /// What happened to the index; without subdirs when no candidate was let in.
  public internal(set) var index = IndexReport()

  /// Why candidates were not let in.
  public var refused: [PackageError] {
    entries.compactMap { if case .refused(let error) = $0.outcome { error } else { nil } }
  }

  /// Takes over from the index's report what it does not list.
  fileprivate mutating func noteWithheld() {
    for position in entries.indices {
      let entry = entries[position]
      if case .refused = entry.outcome { continue }
      guard let archive = ArchiveName(entry.candidate.name) else { continue }
      entries[position].withheld =
        index.subdirs.first { $0.platform == entry.subdir }?.reasonAgainst(archive)
    }
  }
}

extension ChannelIndexer {
  /// Takes packages into the channel, and publishes them together without reading anything else.
  ///
  /// Every candidate is read and judged by the policy before any is let in, and finds its subdir by
  /// what its record says. One that is refused does not keep the others out. When the call returns,
  /// the index names those that were let in, unless `index` in the report holds failures.
  ///
  /// Made to be called for uploads: for files that were written to the channel's file system it
  /// costs one look at each, and what the index of the subdirs concerned takes to write.
  ///
  /// - Throws: ``ChannelError`` when the channel as a whole cannot be written to.
  public func add(
    _ candidates: [PackageCandidate], options: AdmissionOptions = AdmissionOptions()
  ) throws(ChannelError) -> AdmissionReport {
    let packages = read(candidates, insistingOn: options.insistsOn)
    return try underLock { (turn) throws(ChannelError) in
      var admission = Admission(layout: layout, options: options)
      var report = AdmissionReport()
      for (candidate, package) in zip(candidates, packages) {
        let subdir = (try? package.get())?.subdir
        if let subdir { try makeDirectory(layout.directory(of: subdir)) }
        let result = Result { () throws(PackageError) in
          try admission.admit(package.get(), candidate)
        }
        let outcome =
          switch result {
          case .success(let outcome): outcome
          case .failure(let error): AdmissionReport.Outcome.refused(error)
          }
        report.entries.append(.init(candidate: candidate, subdir: subdir, outcome: outcome))
      }
      if !admission.changes.isEmpty {
        do throws(ChannelError) {
          report.index = try publish(changes: admission.changes, turn)
        } catch {
          // The files are in the channel: whoever asked must learn which, and the next run lists them.
          report.index.failures.append(error)
        }
        report.noteWithheld()
        if report.index.failures.isEmpty { admission.removeSources() }
      }
      return report
    }
  }

  private func read(
    _ candidates: [PackageCandidate], insistingOn checks: [PackageCheck]
  ) -> [Result<ReadPackage, PackageError>] {
    var strict = options.policy
    for check in checks { strict[check] = .refuse }
    let (policy, now) = (strict, now())
    let versions = candidates.compactMap { (try? FileStatus(of: $0.file)).map(FileVersion.init) }
    Self.letTimePass(after: versions, now: now)
    return reading(candidates) { (candidate, context) throws(PackageError) in
      guard let archive = ArchiveName(candidate.name) else {
        throw PackageError(
          .unreadableName, candidate.file,
          "\"\(candidate.name)\" is no package's name: name-version-build.conda or .tar.bz2")
      }
      guard (try? FileStatus(of: candidate.file)) != nil else {
        throw PackageError(.unreadable, candidate.file, "no such file")
      }
      return try ReadPackage(
        archive, at: candidate.file, in: candidate.subdir, under: policy, now: now,
        with: &context.reader, context.specs)
    }
  }
}

/// Lets packages in, one after another, while the channel is locked.
private struct Admission {
  let layout: ChannelLayout
  let options: AdmissionOptions
  private(set) var changes: [Platform: SubdirChange] = [:]
  /// Files that were copied, or were there already, and are to be gone.
  private var sources: [FilePath] = []

  init(layout: ChannelLayout, options: AdmissionOptions) {
    self.layout = layout
    self.options = options
  }

  mutating func admit(
    _ package: ReadPackage, _ candidate: PackageCandidate
  ) throws(PackageError) -> AdmissionReport.Outcome {
    let target = layout.package(package.archive, in: package.subdir)
    let standing = try? FileStatus(of: target)
    var package = package
    if let standing, (try? Digest.sha256(ofFileAt: target)) == package.sha256 {
      // The candidate may be the very file that lies in the channel.
      if options.moves, standing.inode != (try? FileStatus(of: candidate.file))?.inode {
        sources.append(candidate.file)
      }
      package.version = FileVersion(standing)
      // What somebody else has attested stays as it is.
      if !isAttested(package) {
        var attestations = try stageAttestations(package, candidate)
        try show(&attestations)
      }
      note(package)
      return .unchanged
    }
    if standing != nil, !options.replaces {
      throw PackageError(
        .nameTaken, candidate.file, "\(target) is there and holds other bytes; it stays as it is")
    }
    // Before the package is in the channel: a full disk keeps both out.
    var attestations = try stageAttestations(package, candidate)
    let transfer = PackageTransfer(
      package: package, source: candidate.file, target: target, replaces: options.replaces)
    if options.moves, let version = try transfer.move() {
      package.version = version
    } else {
      package.version = try transfer.copy()
      if options.moves { sources.append(candidate.file) }
    }
    try show(&attestations)
    note(package)
    return standing == nil ? .added : .replaced
  }

  private func isAttested(_ package: ReadPackage) -> Bool {
    let path = Attestations.path(of: package.archive, in: package.subdir, of: layout)
    return (try? FileStatus(of: path, followingLinks: false)) != nil
  }

  /// Writes a candidate's attestations, to be shown beside it where the index finds them.
  private func stageAttestations(
    _ package: ReadPackage, _ candidate: PackageCandidate
  ) throws(PackageError) -> AtomicFile? {
    guard let attestations = candidate.attestations else { return nil }
    let path = Attestations.path(of: package.archive, in: package.subdir, of: layout)
    do throws(Errno) {
      return try AtomicFile(replacing: path, with: attestations)
    } catch {
      throw PackageError(.unwritable, path, "cannot be written: \(error)")
    }
  }

  private func show(_ attestations: inout AtomicFile?) throws(PackageError) {
    guard let file = attestations.take() else { return }
    let path = file.target
    do throws(Errno) {
      try file.rename()
    } catch {
      throw PackageError(.unwritable, path, "cannot be written: \(error)")
    }
  }

  private mutating func note(_ package: ReadPackage) {
    changes[package.subdir, default: SubdirChange()].admitted[package.archive] = package
  }

  /// Removes what was to be moved and had to be copied.
  func removeSources() {
    for source in sources { AtomicFile.remove(source) }
  }
}
