internal import Glibc
package import SystemPackage

/// Calls `body` until it is not interrupted by a signal, and throws what `errno` says on -1.
package func systemCall(_ body: () -> CInt) throws(Errno) -> CInt {
  while true {
    let result = body()
    if result >= 0 { return result }
    let code = Errno(rawValue: errno)
    if code != .interrupted { throw code }
  }
}

/// The same for calls that answer a count of bytes.
package func systemCall(_ body: () -> Int) throws(Errno) -> Int {
  while true {
    let result = body()
    if result >= 0 { return result }
    let code = Errno(rawValue: errno)
    if code != .interrupted { throw code }
  }
}

extension FilePath {
  /// The path as C sees it, for the length of `body`; `withPlatformString` with a typed error.
  package func withCPath<Value, Failure: Error>(
    _ body: (UnsafePointer<CChar>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try withPlatformString { name in
      Result { () throws(Failure) in try body(name) }
    }.get()
  }
}
