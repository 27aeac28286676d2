// How a representation answers a request.
extension Representation {
  /// Content up to this many bytes travels with its head.
  static let inlineLimit = 65_536

  /// Writes the response to a GET or HEAD request whose head lies in `bytes`.
  package func reply(
    to head: RequestHead, in bytes: Span<UInt8>, _ context: borrowing ResponseContext,
    into output: inout OutputBuffer
  ) -> Reply {
    guard head.present.isDisjoint(with: .selecting) else {
      return selectiveReply(to: head, in: bytes, context, into: &output)
    }
    return completeReply(to: head.method, context, into: &output)
  }

  private func completeReply(
    to method: Method, _ context: borrowing ResponseContext, into output: inout OutputBuffer
  ) -> Reply {
    output.beginHead(.ok, context)
    output.append(completeFields)
    guard method != .head else { return Reply(.ok) }
    return reply(.ok, with: 0..<size, into: &output)
  }

  private func selectiveReply(
    to head: RequestHead, in bytes: Span<UInt8>, _ context: borrowing ResponseContext,
    into output: inout OutputBuffer
  ) -> Reply {
    switch Preconditions.outcome(of: head, in: bytes, for: validators, now: context.now) {
    case .failed:
      return output.appendPlain(.preconditionFailed, context, method: head.method)
    case .notModified:
      output.beginHead(.notModified, context)
      output.append(commonFields)
      output.append("\r\n")
      return Reply(.notModified)
    case .proceed:
      break
    }
    guard head.method == .get, let field = head.single(.range),
      Preconditions.rangeApplies(to: head, in: bytes, for: validators, now: context.now)
    else { return completeReply(to: head.method, context, into: &output) }
    switch ByteRanges(bytes.extracting(field), size: size) {
    case .whole:
      return completeReply(to: head.method, context, into: &output)
    case .unsatisfiable:
      let range = Array("bytes */\(size)".utf8)
      return output.appendPlain(
        .rangeNotSatisfiable, context, fields: [(name: "Content-Range", value: range)])
    case .parts(let parts):
      if parts.count == 1 { return partialReply(parts[0], context, into: &output) }
      return multipartReply(parts, context, into: &output)
    }
  }

  private func partialReply(
    _ range: Range<Int>, _ context: borrowing ResponseContext, into output: inout OutputBuffer
  ) -> Reply {
    output.beginHead(.partialContent, context)
    output.append(commonFields)
    output.append(contentFields)
    output.append("Content-Range: ")
    output.appendContentRange(range, of: size)
    output.append("\r\n")
    output.appendContentLength(range.count)
    output.append("\r\n")
    return reply(.partialContent, with: range, into: &output)
  }

  /// Sends the content in `range` with the head when it is at hand and short.
  private func reply(
    _ status: Status, with range: Range<Int>, into output: inout OutputBuffer
  ) -> Reply {
    var reply = Reply(status, contentLength: range.count)
    reply.beginsFile = range.lowerBound == 0
    if file == nil, range.count <= Self.inlineLimit {
      bytes.withUnsafeBytes { output.append(UnsafeRawBufferPointer(rebasing: $0[range])) }
    } else if !range.isEmpty {
      reply.transfer = Transfer([.part(self, range)])
    }
    return reply
  }

  /// RFC 9110 section 14.6.
  private func multipartReply(
    _ parts: [Range<Int>], _ context: borrowing ResponseContext, into output: inout OutputBuffer
  ) -> Reply {
    // The boundary need only be absent from the content; 128 random bits are.
    let boundary = "\(UInt64.random(in: 0 ... .max))\(UInt64.random(in: 0 ... .max))"
    var pieces: [Transfer.Piece] = []
    var length = 0
    for (index, part) in parts.enumerated() {
      var head = OutputBuffer(capacity: 512)
      head.append(Array("\(index > 0 ? "\r\n" : "")--\(boundary)\r\n".utf8))
      head.appendField("Content-Type", type)
      head.append("Content-Range: ")
      head.appendContentRange(part, of: size)
      head.append("\r\n\r\n")
      length += head.count + part.count
      pieces.append(.bytes(head.withBytes { Array($0) }))
      pieces.append(.part(self, part))
    }
    let end = Array("\r\n--\(boundary)--\r\n".utf8)
    length += end.count
    pieces.append(.bytes(end))

    output.beginHead(.partialContent, context)
    output.append(commonFields)
    if let modified = validators.modified { output.appendField("Last-Modified", modified.bytes) }
    output.append("Accept-Ranges: bytes\r\nX-Content-Type-Options: nosniff\r\n")
    output.append("Content-Type: multipart/byteranges; boundary=")
    output.append(Array(boundary.utf8))
    output.append("\r\n")
    output.appendContentLength(length)
    output.append("\r\n")
    var reply = Reply(.partialContent, contentLength: length, transfer: Transfer(pieces))
    reply.beginsFile = parts.first?.lowerBound == 0
    return reply
  }
}

extension OutputBuffer {
  fileprivate mutating func appendContentRange(_ range: Range<Int>, of size: Int) {
    append("bytes ")
    append(decimal: range.lowerBound)
    append(byte: ASCII.minus)
    append(decimal: range.upperBound - 1)
    append(byte: ASCII.slash)
    append(decimal: size)
  }
}
