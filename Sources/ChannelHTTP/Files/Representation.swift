internal import ChannelSystem
internal import Glibc
internal import SystemPackage

/// One version of one file or listing, with everything about its responses that can be prepared.
///
/// A response in flight holds on to its representation, so the version that it started with is the
/// version that it ends with, whatever happens to the name meanwhile.
package final class Representation: Sendable {
  package let size: Int
  let validators: Preconditions.Validators
  /// Fields of every response: the entity tag, the caching rules, what the choice depends on.
  let commonFields: [UInt8]
  /// Fields of responses that carry content: type, coding, date.
  let contentFields: [UInt8]
  /// All fields of the complete response, to the empty line.
  let completeFields: [UInt8]
  /// The value of Content-Type.
  let type: [UInt8]
  /// The content, for what is small or made in memory.
  let bytes: [UInt8]
  /// The content's file otherwise.
  private let descriptor: Descriptor?
  private let fields: Fields

  /// What a representation is sent with.
  struct Fields: Sendable {
    var type: StaticString
    var cacheControl: String
    var coding: ContentCoding?
    /// The fields of the request that chose this representation among others; empty for none.
    var vary: StaticString = ""
  }

  /// A file whose content stays where it is.
  convenience init(
    _ descriptor: consuming Descriptor, size: Int, validators: Preconditions.Validators,
    fields: Fields
  ) {
    self.init(
      bytes: [], descriptor: descriptor, size: size, validators: validators, fields: fields)
  }

  /// Content held in memory.
  convenience init(
    _ bytes: [UInt8], validators: Preconditions.Validators, fields: Fields
  ) {
    self.init(
      bytes: bytes, descriptor: nil, size: bytes.count, validators: validators, fields: fields)
  }

  private init(
    bytes: [UInt8], descriptor: consuming Descriptor?, size: Int,
    validators: Preconditions.Validators, fields: Fields
  ) {
    var common = OutputBuffer(capacity: 512)
    common.appendField("ETag", validators.tag.field)
    common.appendField("Cache-Control", Array(fields.cacheControl.utf8))
    if fields.vary.utf8CodeUnitCount > 0 { common.appendField("Vary", fields.vary) }
    var content = OutputBuffer(capacity: 512)
    content.appendField("Content-Type", fields.type)
    if let coding = fields.coding { content.appendField("Content-Encoding", coding.name) }
    if let modified = validators.modified {
      content.appendField("Last-Modified", modified.bytes)
    }
    content.append("Accept-Ranges: bytes\r\nX-Content-Type-Options: nosniff\r\n")
    var complete = OutputBuffer(capacity: 1024)
    common.withBytes { complete.append($0) }
    content.withBytes { complete.append($0) }
    complete.appendContentLength(size)
    complete.append("\r\n")

    self.size = size
    self.fields = fields
    self.validators = validators
    self.bytes = bytes
    self.descriptor = descriptor
    commonFields = common.withBytes { Array($0) }
    contentFields = content.withBytes { Array($0) }
    completeFields = complete.withBytes { Array($0) }
    type = fields.type.withUTF8Buffer { Array($0) }
  }

  /// The same content with the gzip coding; nil when that is no gain.
  func gzipped() -> Representation? {
    guard fields.coding == nil, let packed = content().flatMap({ Gzip.packed($0) }) else {
      return nil
    }
    var fields = fields
    fields.coding = .gzip
    let tag = EntityTag(opaque: validators.tag.opaque + Array("-gzip".utf8))
    return Representation(
      packed, validators: .init(tag: tag, modified: validators.modified), fields: fields)
  }

  private func content() -> [UInt8]? {
    guard let file else { return bytes }
    var content = [UInt8](repeating: 0, count: size)
    let count = content.withUnsafeMutableBytes {
      pread(file.rawValue, $0.baseAddress, $0.count, 0)
    }
    return count == size ? content : nil
  }

  /// The open file; nil when the content is in memory.
  var file: FileDescriptor? {
    switch descriptor {
    case .some(let descriptor): descriptor.raw
    case .none: nil
    }
  }
}

extension Preconditions.Validators {
  /// The validators of a file; a date that has yet to come is no validator.
  init(_ status: FileStatus, coding: StaticString = "", now: HTTPDate) {
    let modified = HTTPDate(seconds: Int(clamping: status.modified.seconds))
    let isPlausible = modified <= now && modified.seconds > HTTPDate.earliest
    self.init(
      tag: EntityTag(status, coding: coding), modified: isPlausible ? modified : nil)
  }
}

/// Content on its way, piece by piece.
package struct Transfer {
  enum Piece {
    case bytes([UInt8])
    case part(Representation, Range<Int>)
  }

  /// The pieces, the first to be sent last.
  private var pieces: [Piece]
  /// Bytes of the current piece that are already sent.
  private var sent = 0

  init(_ pieces: [Piece]) {
    self.pieces = pieces.reversed()
  }

  var isFinished: Bool { pieces.isEmpty }

  /// A part of the content, from where it is sent.
  enum Next {
    case memory([UInt8], from: Int, to: Int, isLast: Bool)
    case file(FileDescriptor, offset: Int, count: Int)
  }

  /// What is to be sent next; nil when all is sent.
  var next: Next? {
    switch pieces.last {
    case .none: nil
    case .bytes(let bytes): .memory(bytes, from: sent, to: bytes.count, isLast: pieces.count == 1)
    case .part(let representation, let range):
      if let file = representation.file {
        .file(file, offset: range.lowerBound + sent, count: range.count - sent)
      } else {
        .memory(
          representation.bytes, from: range.lowerBound + sent, to: range.upperBound,
          isLast: pieces.count == 1)
      }
    }
  }

  /// Notes that the next `count` bytes are sent.
  mutating func advance(by count: Int) {
    sent += count
    let length =
      switch pieces.last {
      case .none: 0
      case .bytes(let bytes): bytes.count
      case .part(_, let range): range.count
      }
    if sent >= length {
      _ = pieces.popLast()
      sent = 0
    }
  }
}
