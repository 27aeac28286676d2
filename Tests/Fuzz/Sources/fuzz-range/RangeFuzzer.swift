import ChannelHTTP

/// Whatever a client asks for, what it gets lies within the file, in order, and apart.
///
/// The same bytes are read as a date and as a list of tags, which must only not fall over.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRange(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard count > 0, let start else { return 0 }
  let field = UnsafeBufferPointer(start: start + 1, count: count - 1).span
  let size = [0, 1, 1000, 1 << 40, .max][Int(start[0]) % 5]
  if case .parts(let parts) = ByteRanges(field, size: size) {
    var end = 0
    precondition(!parts.isEmpty)
    for part in parts {
      precondition(!part.isEmpty && part.lowerBound >= end && part.upperBound <= size)
      end = part.upperBound
    }
  }
  let now = HTTPDate(seconds: 1_800_000_000)
  if let date = HTTPDate(field, now: now) {
    precondition(HTTPDate(date.bytes.span, now: now) == date)
  }
  _ = EntityTag(opaque: [0x61]).presence(in: field, .weak)
  var codings = AcceptedCodings()
  codings.add(field)
  precondition((0...1000).contains(codings.weight(of: .gzip)))
  return 0
}
