/// What every response of one turn of the loop shares.
package struct ResponseContext {
  /// The time of this turn.
  package var now: HTTPDate
  /// The whole Date field with its line end, rebuilt once a second.
  var dateField: [UInt8]
  /// Whether the connection stays open after the response.
  package var isPersistent = true
  /// Whether the client must be told so, as HTTP/1.0 clients must.
  package var announcesPersistence = false

  package init(now: HTTPDate) {
    self.now = now
    dateField = Self.field(now)
  }

  /// Moves on to another time.
  ///
  /// - Returns: Whether it is another.
  mutating func advance(to time: HTTPDate) -> Bool {
    guard time != now else { return false }
    now = time
    dateField = Self.field(time)
    return true
  }

  private static func field(_ date: HTTPDate) -> [UInt8] {
    Array("Date: ".utf8) + date.bytes + [ASCII.carriageReturn, ASCII.lineFeed]
  }
}

/// What a response was, for the log and for what is done with the connection.
package struct Reply {
  package var status: Status
  /// Bytes of content that the response announces and sends.
  package var contentLength = 0
  /// Content that does not travel with the head.
  package var transfer: Transfer?
  /// Whether it tells that something is missing which clients ask for in case it is there.
  var isExpectedMiss = false
  /// Whether it sends a file's content from the first byte on.
  var beginsFile = false

  package init(_ status: Status, contentLength: Int = 0, transfer: Transfer? = nil) {
    self.status = status
    self.contentLength = contentLength
    self.transfer = transfer
  }
}

extension OutputBuffer {
  /// Writes the status line and the fields that every response has.
  mutating func beginHead(_ status: Status, _ context: borrowing ResponseContext) {
    append("HTTP/1.1 ")
    append(decimal: status.code)
    append(byte: ASCII.space)
    append(status.reason)
    append("\r\n")
    append(context.dateField)
    if !context.isPersistent {
      append("Connection: close\r\n")
    } else if context.announcesPersistence {
      append("Connection: keep-alive\r\n")
    }
  }

  mutating func appendField(_ name: StaticString, _ value: [UInt8]) {
    append(name)
    append(": ")
    append(value)
    append("\r\n")
  }

  mutating func appendField(_ name: StaticString, _ value: StaticString) {
    append(name)
    append(": ")
    append(value)
    append("\r\n")
  }

  mutating func appendContentLength(_ length: Int) {
    append("Content-Length: ")
    append(decimal: length)
    append("\r\n")
  }

  /// Writes a whole response that says no more than its status.
  ///
  /// The text names nothing of the request, so there is nothing in it to be escaped.
  package mutating func appendPlain(
    _ status: Status, _ context: borrowing ResponseContext, method: Method = .get,
    fields: [(name: StaticString, value: [UInt8])] = []
  ) -> Reply {
    beginHead(status, context)
    for field in fields { appendField(field.name, field.value) }
    append("Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n")
    if status == .noContent {
      append("\r\n")
      return Reply(status)
    }
    let length = status.reason.utf8CodeUnitCount + 5
    append("Content-Type: text/plain; charset=utf-8\r\n")
    appendContentLength(length)
    append("\r\n")
    guard method != .head else { return Reply(status) }
    append(decimal: status.code)
    append(byte: ASCII.space)
    append(status.reason)
    append(byte: ASCII.lineFeed)
    return Reply(status, contentLength: length)
  }
}
