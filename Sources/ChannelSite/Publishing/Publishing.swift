internal import ChannelCore
package import ChannelHTTP
internal import ChannelSystem
package import Logging
internal import SystemPackage

/// Lets those who may change the channels that a server shows.
package final class Publishing: Sendable {
  /// What limits there are.
  package struct Limits: Sendable {
    /// Bytes of the largest package.
    package var upload = 4 << 30

    package init() {}
  }

  private let finder: ChannelFinder
  private let identities: Identities
  private let limits: Limits
  private let audit: AuditLog?
  private let logger: Logger
  private let publishers: Publishers

  package init(
    _ folders: [ServedFolder], by publishers: Publishers, identities: Identities,
    limits: Limits = Limits(),
    audit: AuditLog? = nil, logger: Logger
  ) {
    finder = ChannelFinder(folders)
    self.publishers = publishers
    self.identities = identities
    self.limits = limits
    self.audit = audit
    self.logger = logger
  }

  /// Where requests arrive that change something.
  package var routes: [UploadRoute] {
    var routes = finder.folders.map { folder in
      UploadRoute(
        under: "/" + folder.path.joined(separator: "/"), methods: ["PUT", "POST", "DELETE"],
        limit: limits.upload
      ) { [self] in decide($0, parse: packagePath) }
    }
    routes.append(
      UploadRoute(under: "/api/channels", methods: ["POST"], limit: limits.upload) { [self] in
        decide($0, parse: quetzPath)
      })
    routes.append(
      // The form around a package takes some bytes, too.
      UploadRoute(under: "/api/v1/upload", methods: ["POST"], limit: limits.upload + (2 << 20)) {
        [self] in decide($0, parse: formPath)
      })
    return routes
  }

  /// Puts right what an earlier server left behind that was cut off; takes as long as an index run
  /// where it was in the midst of one.
  package func recover() {
    for channel in finder.all { publisher(for: channel)?.recover() }
  }

  private func publisher(for channel: PublishableChannel) -> Publisher? {
    publishers.publisher(for: channel, logger: logger)
  }

  // MARK: Requests

  /// A package and its channel, as a path names them.
  private struct Place {
    let channel: PublishableChannel
    let subdir: Platform?
    let name: String
  }

  /// `{channel}/{subdir}/{file}`: as curl, Artifactory's clients and readers write it.
  private func packagePath(_ path: [String]) -> Place? {
    guard path.count >= 2, let subdir = Platform(path[path.count - 2]),
      let channel = finder.channel(at: path.dropLast(2))
    else { return nil }
    return Place(channel: channel, subdir: subdir, name: path[path.count - 1])
  }

  /// `/api/channels/{channel}/upload/{file}`: as quetz's clients write it.
  private func quetzPath(_ path: [String]) -> Place? {
    guard path.count >= 5, path[path.count - 2] == "upload",
      let channel = finder.channel(named: path[2..<(path.count - 2)].joined(separator: "/"))
    else { return nil }
    return Place(channel: channel, subdir: nil, name: path[path.count - 1])
  }

  /// `/api/v1/upload/{channel}`: as prefix.dev's clients write it; the file's name is in the form.
  private func formPath(_ path: [String]) -> Place? {
    guard path.count >= 4,
      let channel = finder.channel(named: path[3...].joined(separator: "/"))
    else { return nil }
    return Place(channel: channel, subdir: nil, name: "")
  }

  private func decide(
    _ request: HTTPRequest, parse: ([String]) -> Place?
  ) -> UploadRoute.Decision {
    // The authenticator lets nobody through who is not known; this must not depend on it.
    guard let identity = request.user.flatMap({ identities.identity(named: $0) }) else {
      return .refuse(HTTPResponse(401, fields: [AccessControl.challengeField]))
    }
    let requester = Requester(identity, request)
    let path = request.path.split(separator: UInt8(ascii: "/"))
      .map { String(validating: $0, as: UTF8.self) }
    guard !path.contains(nil), request.path.last != UInt8(ascii: "/"),
      let place = parse(path.compactMap(\.self)), let publisher = publisher(for: place.channel)
    else { return refuse(request, requester, .notFound) }
    let query = QueryItems(request.query)
    if request.method == "DELETE" || query["action"] != nil {
      return withdraw(place, publisher, query, request, requester)
    }
    guard request.method == "PUT" || place.subdir == nil else {
      return refuse(
        request, requester, PublishOutcome(400, "action", "the action is none of yank and unyank"))
    }
    if place.name.isEmpty {
      return receiveForm(place, publisher, query, request, requester)
    }
    let announced = query["sha256"] ?? request["x-checksum-sha256"]
    switch begin(
      place, publisher, forced: query.asks(for: "force"), announced: announced, request, requester)
    {
    case .success(let receiver): return .receive(receiver)
    case .failure(let refusal): return refuse(request, requester, refusal.outcome)
    }
  }

  private func receiveForm(
    _ place: Place, _ publisher: Publisher, _ query: QueryItems, _ request: HTTPRequest,
    _ requester: Requester
  ) -> UploadRoute.Decision {
    // Before anything is read: whoever may not must not send gigabytes to learn it.
    guard requester.identity.may(.publish, at: place.channel.path(of: "")) else {
      return refuse(
        request, requester, .forbidden("\(requester.identity.name) may not publish here"))
    }
    guard let reader = MultipartReader(contentType: request["content-type"] ?? "") else {
      return refuse(
        request, requester, PublishOutcome(415, "form", "the body must be multipart/form-data"))
    }
    let isForced = query.asks(for: "force")
    return .receive(
      FormReceiver(reader, note: note("publish", request, requester)) { [self] name, sha256 in
        begin(
          Place(channel: place.channel, subdir: nil, name: name), publisher, forced: isForced,
          announced: sha256, request, requester)
      })
  }

  /// Begins to receive a package, if all that is known of it is as it should be.
  private func begin(
    _ place: Place, _ publisher: Publisher, forced: Bool, announced: String?,
    _ request: HTTPRequest, _ requester: Requester
  ) -> Result<PackageReceiver, Refusal> {
    Result { () throws(Refusal) in
      let expected = announced.map { Digest(hexadecimal: $0) }
      guard expected.map({ $0?.bytes.count == 32 }) ?? true else {
        throw Refusal(400, "digest", "the digest is no SHA-256 in hexadecimal")
      }
      let target = try target(
        place, publisher, forced: forced, expected: expected ?? nil, requester)
      if let length = request["content-length"].flatMap({ Int($0) }),
        let free = publisher.freeSpace, length > free
      {
        throw Refusal(outcome: .noSpace)
      }
      do throws(Errno) {
        return try PackageReceiver(target, note: note("publish", request, requester))
      } catch {
        logger.error("\(place.channel.root): an upload cannot be begun: \(error)")
        throw Refusal(outcome: error == .noSpace ? .noSpace : .unwritable)
      }
    }
  }

  /// Why something is not even begun.
  struct Refusal: Error {
    let outcome: PublishOutcome

    init(outcome: PublishOutcome) {
      self.outcome = outcome
    }

    init(_ status: Int, _ code: String, _ message: String) {
      outcome = PublishOutcome(status, code, message)
    }
  }

  private func target(
    _ place: Place, _ publisher: Publisher, forced: Bool, expected: Digest?,
    _ requester: Requester
  ) throws(Refusal) -> PublishTarget {
    let (channel, identity) = (place.channel, requester.identity)
    let path = place.subdir.map { channel.path(of: $0.name, place.name) } ?? channel.path(of: "")
    guard identity.may(.publish, at: path) else {
      throw Refusal(outcome: .forbidden("\(identity.name) may not publish here"))
    }
    guard let archive = PublishTarget.archive(place.name), let parts = archive.parts else {
      throw Refusal(
        outcome: .refused(
          "name", "packages are called name-version-build.conda or name-version-build.tar.bz2"))
    }
    let owners: NameOwners
    do throws(SiteError) {
      owners = try NameOwners(of: ChannelLayout(root: channel.root))
    } catch {
      logger.error("\(error); nothing is published there until that is put right")
      throw Refusal(outcome: .unwritable)
    }
    guard owners.allow(parts.name, to: identity.name) else {
      throw Refusal(
        outcome: .forbidden("the name \(parts.name) is reserved, and not for \(identity.name)"))
    }
    return PublishTarget(
      channel: channel, publisher: publisher, archive: archive, subdir: place.subdir,
      replaces: forced && identity.may(.admin, at: path), expected: expected)
  }

  private func withdraw(
    _ place: Place, _ publisher: Publisher, _ query: QueryItems, _ request: HTTPRequest,
    _ requester: Requester
  ) -> UploadRoute.Decision {
    guard let subdir = place.subdir, let archive = PublishTarget.archive(place.name) else {
      return refuse(request, requester, .notFound)
    }
    let identity = requester.identity
    guard identity.may(.admin, at: place.channel.path(of: subdir.name, place.name)) else {
      return refuse(
        request, requester, .forbidden("\(identity.name) may not take packages out here"))
    }
    let package = PackageLocation(archive, in: subdir)
    let (word, change): (String, Publisher.Job.Change)
    switch (request.method, query["action"]) {
    case ("DELETE", nil): (word, change) = ("delete", .remove(package))
    case ("POST", "yank"):
      (word, change) = ("yank", .yank(package, reason: query["reason"] ?? ""))
    case ("POST", "unyank"): (word, change) = ("unyank", .unyank(package))
    default:
      return refuse(
        request, requester, PublishOutcome(400, "action", "the action is none of yank and unyank"))
    }
    return .receive(
      ChangeReceiver(
        publisher: publisher, change: change, note: note(word, request, requester)))
  }

  private func refuse(
    _ request: HTTPRequest, _ requester: Requester, _ outcome: PublishOutcome
  ) -> UploadRoute.Decision {
    note(request.method.lowercased(), request, requester)(outcome)
    return .refuse(outcome.response)
  }

  /// Notes in the audit log what becomes of a request, and counts it.
  private func note(
    _ what: String, _ request: HTTPRequest, _ requester: Requester
  ) -> @Sendable (PublishOutcome) -> Void {
    let (audit, path) = (audit, request.pathText)
    return { outcome in
      requester.identity.activity.note(outcome)
      var details: JSONObject = ["status": .number(String(outcome.status))]
      if let sha256 = outcome.sha256 { details["sha256"] = .string(sha256.description) }
      if let size = outcome.size { details["bytes"] = .number(String(size)) }
      if !outcome.message.isEmpty { details["reason"] = .string(outcome.message) }
      audit?.note(
        who: requester.identity.name, what: what, where: path, from: requester.address,
        outcome: outcome.code, details)
    }
  }
}
