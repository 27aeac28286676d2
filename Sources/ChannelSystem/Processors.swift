internal import CLinux

/// The processors of this machine.
package enum Processors {
  /// How many the calling thread may run on, at least one.
  package static var available: Int { max(1, Int(clinux_available_processors())) }
}
