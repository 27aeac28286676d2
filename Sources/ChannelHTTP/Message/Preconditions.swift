/// What a request's conditions make of a representation.
///
/// RFC 9110 section 13.2.2, in its order.
package struct Preconditions: Sendable {
  package enum Outcome: Sendable, Hashable {
    case proceed, notModified, failed
  }

  /// The current version of what was asked for.
  package struct Validators: Sendable {
    package var tag: EntityTag
    /// Nil when no honest date can be given.
    package var modified: HTTPDate?

    package init(tag: EntityTag, modified: HTTPDate?) {
      self.tag = tag
      self.modified = modified
    }
  }

  /// Evaluates every condition but If-Range.
  package static func outcome(
    of head: RequestHead, in bytes: Span<UInt8>, for current: Validators, now: HTTPDate
  ) -> Outcome {
    if head.present.contains(.only(.ifMatch)) {
      guard matches(.ifMatch, .strong, head, bytes, current.tag) else { return .failed }
    } else if let field = head.single(.ifUnmodifiedSince),
      let date = HTTPDate(bytes.extracting(field), now: now), let modified = current.modified
    {
      guard modified <= date else { return .failed }
    }
    if head.present.contains(.only(.ifNoneMatch)) {
      return matches(.ifNoneMatch, .weak, head, bytes, current.tag) ? .notModified : .proceed
    }
    if let field = head.single(.ifModifiedSince),
      let date = HTTPDate(bytes.extracting(field), now: now), let modified = current.modified
    {
      return modified <= date ? .notModified : .proceed
    }
    return .proceed
  }

  /// Whether the ranges asked for still belong to the version that the client has.
  ///
  /// RFC 9110 section 13.1.5: a strong tag, or the exact date where that date is strong itself.
  package static func rangeApplies(
    to head: RequestHead, in bytes: Span<UInt8>, for current: Validators, now: HTTPDate
  ) -> Bool {
    guard head.present.contains(.only(.ifRange)) else { return true }
    guard let field = head.single(.ifRange), !field.isEmpty else { return false }
    let value = bytes.extracting(field)
    if value[0] == ASCII.quote {
      return value.count >= 2 && current.tag.presence(in: value, .strong) == .present
    }
    guard let date = HTTPDate(value, now: now), let modified = current.modified else {
      return false
    }
    // Within the second it may have changed again without another date.
    return date == modified && modified < now
  }

  private static func matches(
    _ name: FieldName, _ match: EntityTag.Match, _ head: RequestHead, _ bytes: Span<UInt8>,
    _ tag: EntityTag
  ) -> Bool {
    for field in head.fields where field.name == name {
      if tag.presence(in: bytes.extracting(field.value), match) == .present { return true }
    }
    return false
  }
}
