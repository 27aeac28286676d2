internal import ChannelCore
internal import ChannelHTTP
internal import SystemPackage

/// Takes a form that holds a package and perhaps an attestation, as prefix.dev's clients send it.
struct FormReceiver: UploadReceiver {
  /// Begins to receive the package once its part has begun: its name, and what its digest is to be.
  typealias Begin =
    @Sendable (_ name: String, _ sha256: String?) -> Result<
      PackageReceiver, Publishing.Refusal
    >

  private enum Part {
    case file, attestation, other
  }

  private static let attestationLimit = 1 << 20

  private let begin: Begin
  private let note: @Sendable (PublishOutcome) -> Void
  private var reader: MultipartReader
  private var part = Part.other
  private var package: PackageReceiver?
  private var attestation: [UInt8]?

  init(
    _ reader: MultipartReader, note: @escaping @Sendable (PublishOutcome) -> Void,
    begin: @escaping Begin
  ) {
    self.reader = reader
    self.note = note
    self.begin = begin
  }

  mutating func receive(_ piece: [UInt8]) -> HTTPResponse? {
    var reader = reader
    var failure: PublishOutcome?
    do throws(MultipartReader.Malformed) {
      try reader.read(piece) { (event) throws(MultipartReader.Malformed) in
        if failure == nil { failure = take(event) }
      }
    } catch {
      failure = failure ?? Self.malformed
    }
    self.reader = reader
    guard let failure else { return nil }
    note(failure)
    return failure.response
  }

  private static let malformed = PublishOutcome(
    400, "form", "the body is no multipart/form-data with a part called file")

  private mutating func take(_ event: MultipartReader.Event) -> PublishOutcome? {
    switch event {
    case .part(let headers):
      switch headers.name {
      case "file":
        part = .file
        guard package == nil, let name = headers.fileName else { return Self.malformed }
        switch begin(name, headers.fields["x-file-sha256"]) {
        case .success(let receiver): package = receiver
        case .failure(let refusal): return refusal.outcome
        }
      case "attestation":
        part = .attestation
        attestation = []
      default:
        part = .other
      }
    case .content(let bytes):
      switch part {
      case .file: return package?.take(bytes)
      case .attestation:
        attestation?.append(contentsOf: bytes)
        guard (attestation?.count ?? 0) <= Self.attestationLimit else {
          return .refused("attestation", "the attestation is larger than any")
        }
      case .other: break
      }
    case .end:
      part = .other
    }
    return nil
  }

  mutating func finish(_ answer: @escaping @Sendable (HTTPResponse) -> Void) {
    func refuse(_ outcome: PublishOutcome) {
      note(outcome)
      answer(outcome.response)
    }
    guard reader.isFinished, let package else { return refuse(Self.malformed) }
    var attestations: [UInt8]?
    if let attestation {
      guard let bundle = try? JSONReader.value(in: attestation), bundle.object != nil else {
        return refuse(.refused("attestation", "the attestation is no JSON object"))
      }
      guard package.target.archive.fileName.utf8.count <= 180 else {
        return refuse(.refused("attestation", "no file beside the package could have its name"))
      }
      attestations = JSONWriter.bytes(of: .array([bundle]))
    }
    package.publish(attestations: attestations, answer)
  }

  mutating func abandon() {
    note(PublishOutcome(499, "broken-off", "the upload was broken off"))
  }
}
