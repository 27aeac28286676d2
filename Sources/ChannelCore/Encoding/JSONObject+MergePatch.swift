extension JSONObject {
  /// The object after a merge patch (RFC 7396): null removes a member, objects are merged member by
  /// member, and everything else takes the place of what was there.
  package func merged(with patch: JSONObject) -> JSONObject {
    var merged = self
    for member in patch.members {
      switch member.value {
      case .null: merged[member.name] = nil
      case .object(let inner):
        let base = merged[member.name]?.object ?? JSONObject()
        merged[member.name] = .object(base.merged(with: inner))
      default: merged[member.name] = member.value
      }
    }
    return merged
  }
}
