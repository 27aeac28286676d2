package import ChannelHTTP
internal import Synchronization

/// What those have done whom a server knows, and why others were turned away.
///
/// It lives as long as the process. Files of identities are read again, and so is the configuration;
/// meanwhile everybody goes on counting under their name. Whoever is known to nobody any more is
/// forgotten, so that there are never more counts than identities.
package final class Activities: Sendable {
  /// Why somebody was turned away who has not shown to be anybody.
  enum Reason: Int, CaseIterable {
    case nothing, wrong, expired, guessing

    fileprivate var name: String {
      switch self {
      case .nothing: "no_credentials"
      case .wrong: "wrong_credentials"
      case .expired: "expired_token"
      case .guessing: "too_many_guesses"
      }
    }
  }

  private struct Known {
    /// Held by the identity itself.
    weak var activity: IdentityActivity?
  }

  private let known = Mutex<[String: Known]>([:])
  private let strangers = InlineArray<4, Atomic<Int>> { _ in Atomic(0) }

  package init() {}

  /// What somebody called `name` has done, who has done nothing if nobody knows them yet.
  func activity(of name: String) -> IdentityActivity {
    known.withLock { known in
      if let activity = known[name]?.activity { return activity }
      let activity = IdentityActivity()
      known[name] = Known(activity: activity)
      return activity
    }
  }

  /// Lets go of the names that nobody has any more.
  func prune() {
    known.withLock { known in known = known.filter { $0.value.activity != nil } }
  }

  func noteStranger(_ reason: Reason) {
    strangers[reason.rawValue].add(1, ordering: .relaxed)
  }

  /// Writes what was counted so far; nothing where nobody is known.
  package func write(to text: inout MetricsText) {
    let all = known.withLock { known in
      known.compactMap { name, known in known.activity.map { (name: name, activity: $0) } }
    }.sorted { $0.name < $1.name }
    guard !all.isEmpty || Reason.allCases.contains(where: { count(of: $0) > 0 }) else { return }
    text.begin(
      "channel_identity_reads_total", .counter,
      "Requests to read that were allowed to somebody in particular.")
    for one in all { text.add(one.activity[.reads], labels: ["identity": one.name]) }
    text.begin(
      "channel_identity_refusals_total", .counter,
      "Requests that were answered 403: somebody is known and may not.")
    for one in all { text.add(one.activity[.refusals], labels: ["identity": one.name]) }
    text.begin(
      "channel_identity_changes_total", .counter,
      "Requests to change a channel from those who may, by what became of them.")
    for one in all {
      for (count, name) in IdentityActivity.Count.changes {
        text.add(one.activity[count], labels: ["identity": one.name, "result": name])
      }
    }
    text.begin(
      "channel_unidentified_refusals_total", .counter,
      "Requests that were answered 401 or 429 because nobody who is known had sent them.")
    for reason in Reason.allCases {
      text.add(count(of: reason), labels: ["reason": reason.name])
    }
  }

  private func count(of reason: Reason) -> Int {
    strangers[reason.rawValue].load(ordering: .relaxed)
  }
}
