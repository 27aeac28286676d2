internal import CLinux

// What is left of connections that are gone.
extension EventLoop {
  /// So many connections leave memory behind that is worth the trouble.
  static let crowd = 1024
  /// Milliseconds between two looks at whether they are gone.
  static let crowdCheck: Int64 = 5000

  /// Has the allocator give back to the system what many connections have used, once they are gone.
  ///
  /// What they left lies between what is still used, where the allocator would keep it for ever.
  mutating func giveBackMemory() {
    guard table.count < Self.crowd / 2 else {
      trimDue = milliseconds + Self.crowdCheck
      return
    }
    trimDue = .max
    clinux_give_back_memory()
  }
}
