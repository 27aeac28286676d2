internal import ChannelSystem
internal import Synchronization
internal import SystemPackage

/// Keeps in mind what happened in a channel since it was last indexed.
final class WatchedChannel: Sendable {
  private let layout: ChannelLayout
  private let notifier: ChangeNotifier
  private let state = Mutex(State())

  fileprivate struct State {
    var root: CInt?
    var subdirs: [CInt: Platform] = [:]
    var unfinished: [Platform: UnfinishedFiles] = [:]
    /// The names that matter in the directories of files that options are made from.
    var sources: [CInt: Set<String>] = [:]
    var isChanged = false
    var isLost = false
  }

  /// Watches the channel and its subdirs from now on.
  init(_ layout: ChannelLayout) throws(ChannelError) {
    self.layout = layout
    do throws(Errno) {
      notifier = try ChangeNotifier()
      let root = try notifier.watch(layout.root)
      state.withLock { $0.root = root }
    } catch {
      throw ChannelError(layout.root, "cannot be watched: \(error)")
    }
    watchSubdirs()
  }

  var root: FilePath { layout.root }

  /// Readable once something has happened.
  var source: FileDescriptor { notifier.source }

  /// Whether the channel's directory is not what it was any more.
  var isLost: Bool { state.withLock(\.isLost) }

  /// Whether an index may have to change, after all that has happened is taken note of.
  func drain() -> Bool {
    var needsSubdirs = false
    let isChanged = state.withLock { state in
      notifier.drain { event in
        state.noteSource(event)
        if event.changes.contains(.overflow) {
          // What is being written is not known now; the next words about it tell.
          state.unfinished.removeAll()
          state.isChanged = true
          needsSubdirs = true
        } else if event.watch == state.root {
          if state.noteInRoot(event) { needsSubdirs = true }
        } else if let subdir = state.subdirs[event.watch] {
          state.note(event, in: subdir)
        }
      }
      return state.isChanged
    }
    if needsSubdirs { watchSubdirs() }
    return isChanged
  }

  /// Takes the changes as done with.
  func reset() {
    state.withLock { $0.isChanged = false }
  }

  /// The files of a subdir that somebody was writing when this was called.
  func unfinished(in subdir: Platform) -> UnfinishedFiles {
    _ = drain()
    return state.withLock { $0.unfinished[subdir] } ?? UnfinishedFiles()
  }

  /// Looks out for changes of files that options are made from, and of what `patches` lead to; says
  /// whether there are new ones among them.
  func watch(_ files: [FilePath], patches: FilePath?) -> Bool {
    var wanted = files.map { ($0.removingLastComponent(), $0.lastComponent?.string ?? "") }
    if let patches {
      wanted.append((patches.removingLastComponent(), patches.lastComponent?.string ?? ""))
      // A directory of patches holds one for each subdir.
      if var entries = try? DirectoryEntries(of: patches) {
        wanted.append((patches, State.anyName))
        while let entry = try? entries.next() {
          guard Platform(entry.text) != nil else { continue }
          wanted.append((patches.appending(entry.text), State.anyName))
        }
      }
    }
    var isNew = false
    for (directory, name) in wanted {
      guard let number = try? notifier.watch(directory.isEmpty ? "." : directory) else { continue }
      state.withLock { state in
        if state.sources[number, default: []].insert(name).inserted { isNew = true }
      }
    }
    return isNew
  }

  private func watchSubdirs() {
    guard var entries = try? DirectoryEntries(of: layout.root) else { return }
    while let entry = try? entries.next() {
      guard let subdir = Platform(entry.text),
        let number = try? notifier.watch(layout.directory(of: subdir))
      else { continue }
      state.withLock { state in
        // Files may have come before the watch.
        if state.subdirs.updateValue(subdir, forKey: number) == nil { state.isChanged = true }
      }
    }
  }
}

extension WatchedChannel.State {
  fileprivate static let anyName = ""

  /// Takes note of what happened to a file that options are made from.
  fileprivate mutating func noteSource(_ event: ChangeNotifier.Event) {
    guard let names = sources[event.watch] else { return }
    if !event.changes.isDisjoint(with: .lost) {
      sources[event.watch] = nil
      isChanged = true
      return
    }
    let name = String(decoding: event.name, as: UTF8.self)
    // Whoever writes a file will close it.
    guard names.contains(name) || names.contains(Self.anyName),
      event.changes.contains(.directory) || event.changes.isDisjoint(with: [.created, .written])
    else { return }
    isChanged = true
  }

  /// Takes note of what happened in the channel's root; says whether there may be a new subdir.
  fileprivate mutating func noteInRoot(_ event: ChangeNotifier.Event) -> Bool {
    if !event.changes.isDisjoint(with: .lost) {
      isLost = true
      return false
    }
    let name = String(decoding: event.name, as: UTF8.self)
    if name == ChannelConfiguration.fileName {
      // Whoever writes it will close it.
      if event.changes.isDisjoint(with: [.created, .written]) { isChanged = true }
      return false
    }
    guard event.changes.contains(.directory), Platform(name) != nil else { return false }
    isChanged = true
    return !event.changes.isDisjoint(with: [.created, .movedIn])
  }

  fileprivate mutating func note(_ event: ChangeNotifier.Event, in subdir: Platform) {
    if !event.changes.isDisjoint(with: .lost) {
      subdirs[event.watch] = nil
      unfinished[subdir] = nil
      isChanged = true
      return
    }
    let name = String(decoding: event.name, as: UTF8.self)
    guard ArchiveName(name) != nil else { return }
    if event.changes.contains(.written) {
      unfinished[subdir, default: UnfinishedFiles()].written.insert(name)
      return
    }
    if event.changes.contains(.created) {
      unfinished[subdir, default: UnfinishedFiles()].created.insert(name)
    } else if !event.changes.contains(.attributes) {
      unfinished[subdir]?.finish(name)
    }
    isChanged = true
  }
}
