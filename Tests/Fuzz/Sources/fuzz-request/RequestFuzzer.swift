import ChannelHTTP

/// However bytes arrive, they are the same request, followed by the same body.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequest(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeBufferPointer(start: start, count: count)
  let whole = outcome(of: bytes, endingAt: [count])
  let split = outcome(of: bytes, endingAt: [count / 3, count / 2, count])
  // What arrives in parts may be found wrong only when its head is complete, but never otherwise.
  let isDelayed = whole.hasPrefix("failed") && split == "incomplete"
  guard whole == split || isDelayed else { fatalError("whole: \(whole), split: \(split)") }
  return 0
}

private func outcome(of bytes: UnsafeBufferPointer<UInt8>, endingAt ends: [Int]) -> String {
  var parser = RequestParser()
  var scanned = 0
  for end in ends {
    let input = UnsafeBufferPointer(rebasing: bytes[..<end])
    let result = parser.parse(input.span, scanned: scanned)
    if result == .incomplete {
      scanned = end
      continue
    }
    guard result == .complete else { return "\(result)" }
    let head = parser.head
    precondition(head.length <= end && head.path.upperBound <= head.length)
    var path = RequestPath()
    let decoded = Result { () throws(Status) in
      try path.decode(UnsafeBufferPointer(rebasing: bytes[head.path]).span)
    }
    precondition(!path.name.contains(0) || (try? decoded.get()) == nil)
    var body = RequestBody(head.framing, limit: 1 << 20)
    let rest = UnsafeBufferPointer(rebasing: bytes[head.length...])
    return "\(head.method) \(head.path) \(head.isPersistent) \(body.consume(rest.span))"
  }
  return "incomplete"
}
