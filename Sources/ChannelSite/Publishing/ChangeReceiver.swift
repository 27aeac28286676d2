internal import ChannelHTTP

/// Takes a request that changes a channel and has no body to speak of.
struct ChangeReceiver: UploadReceiver {
  let publisher: Publisher
  let change: Publisher.Job.Change
  /// Told what became of it, before the client is.
  let note: @Sendable (PublishOutcome) -> Void

  mutating func receive(_ piece: [UInt8]) -> HTTPResponse? { nil }

  mutating func finish(_ answer: @escaping @Sendable (HTTPResponse) -> Void) {
    let note = note
    let conclude: @Sendable (PublishOutcome) -> Void = { outcome in
      note(outcome)
      answer(outcome.response)
    }
    if !publisher.submit(Publisher.Job(change: change, answer: conclude)) {
      conclude(PublishOutcome(503, "stopping", "the server is about to stop; send it again"))
    }
  }

  mutating func abandon() {}
}
