import ChannelCore

/// Whatever bytes are unpacked, pieces come to an end, within memory, or a fault is named.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBzip2(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var decoder = Bzip2Decoder()
  decoder.open(UnsafeRawBufferPointer(start: start, count: count))
  do {
    // A few kilobytes unpack to many megabytes.
    for _ in 0..<64 where try !decoder.next().isEmpty {}
  } catch {
    precondition(!"\(error)".isEmpty)
  }
  return 0
}
