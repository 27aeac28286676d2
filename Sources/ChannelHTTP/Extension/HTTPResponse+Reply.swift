internal import ChannelSystem
internal import SystemPackage

// How an extension's response is sent.
extension HTTPResponse {
  /// Fields that say what only the server knows.
  private static let ownFields = [
    "date", "connection", "keep-alive", "content-length", "transfer-encoding", "upgrade", "trailer",
  ]

  /// Why a response cannot be sent.
  struct Failure: Error {
    let reason: String
  }

  /// Writes the response to a request with this method.
  ///
  /// - Throws: Before anything is written.
  func reply(
    to method: Method, _ context: borrowing ResponseContext, into output: inout OutputBuffer
  ) throws(Failure) -> Reply {
    guard (200...599).contains(status) else {
      throw Failure(reason: "status \(status) is not from 200 to 599")
    }
    for field in fields where !field.isValid {
      throw Failure(reason: "the field \(field.name.debugDescription) cannot be sent")
    }
    let status = Status(code: status)
    let (length, transfer) = try content()
    output.beginHead(status, context)
    for field in fields where !Self.ownFields.contains(where: field.isCalled) {
      output.append(Array(field.name.utf8))
      output.append(": ")
      output.append(field.value)
      output.append("\r\n")
    }
    if !fields.contains(where: { $0.isCalled("cache-control") }) {
      output.append("Cache-Control: no-store\r\n")
    }
    if !fields.contains(where: { $0.isCalled("x-content-type-options") }) {
      output.append("X-Content-Type-Options: nosniff\r\n")
    }
    // RFC 9110 section 8.6: these have no content and say no length.
    guard status != .noContent, status != .notModified else {
      output.append("\r\n")
      return Reply(status)
    }
    output.appendContentLength(length)
    output.append("\r\n")
    guard method != .head, length > 0 else { return Reply(status) }
    if case .bytes(let bytes) = body, transfer == nil { output.append(bytes) }
    return Reply(status, contentLength: length, transfer: transfer)
  }

  private func content() throws(Failure) -> (length: Int, transfer: Transfer?) {
    switch body {
    case .bytes(let bytes):
      guard bytes.count > Representation.inlineLimit else { return (bytes.count, nil) }
      return (bytes.count, Transfer([.bytes(bytes)]))
    case .file(let path):
      do throws(Errno) {
        let descriptor = try Descriptor(opening: FilePath(path), options: .nonBlocking)
        let status = try FileStatus(of: descriptor.raw)
        guard status.kind == .regular else { throw .invalidArgument }
        let file = Representation(
          descriptor, size: status.size,
          validators: .init(tag: EntityTag(status), modified: nil),
          fields: .init(type: MediaTypes.fallback, cacheControl: "no-store"))
        return (status.size, Transfer([.part(file, 0..<status.size)]))
      } catch {
        throw Failure(reason: "\(path): \(error)")
      }
    }
  }
}
