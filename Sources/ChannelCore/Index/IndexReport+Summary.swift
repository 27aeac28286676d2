extension IndexReport.Subdir {
  /// What the subdir holds now and what has changed, as in `noarch: 3 packages, 1 added`.
  public var summary: String {
    let counts = [
      (added.count, "added"), (updated.count, "changed"), (removed.count, "removed"),
      (quarantined.count, "left out"), (withheld.count, "withheld"),
    ]
    var changes = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    changes += withdrawn.map { "\($0.rawValue) removed" }
    if changes.isEmpty { changes.append(written.isEmpty ? "unchanged" : "written anew") }
    let packages = published == 1 ? "package" : "packages"
    return "\(platform): \(published) \(packages), \(changes.joined(separator: ", "))"
  }
}
