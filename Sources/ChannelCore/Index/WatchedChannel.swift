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
