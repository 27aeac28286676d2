/// A body that is read to its end before its request is answered.
final class IncomingBody {
  let head: [UInt8]
  /// Who answers; nil for the files, to which no body means anything.
  let responder: Responder?
  /// The request without its body; nil where no responder wants it.
  var request: HTTPRequest?
  var framing: RequestBody
  var content: [UInt8] = []

  init(
    head: [UInt8], framing: RequestBody, responder: Responder? = nil, request: HTTPRequest? = nil
  ) {
    self.head = head
    self.framing = framing
    self.responder = responder
    self.request = request
  }

  func consume(_ bytes: Span<UInt8>) -> RequestBody.Progress {
    guard responder != nil else { return framing.consume(bytes) }
    return framing.consume(bytes) { piece in piece.withUnsafeBytes { content += $0 } }
  }
}
