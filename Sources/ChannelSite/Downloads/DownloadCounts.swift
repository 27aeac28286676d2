internal import ChannelCore

/// How often each package was downloaded, channel by channel.
struct DownloadCounts: Sendable, Equatable {
  /// Since when they are counted, in whole seconds as milliseconds since 1970.
  private(set) var since: Int
  /// By the path of the channel and then by that of the package within, `subdir/file`.
  private(set) var channels: [String: [String: Int]] = [:]

  /// No count that a file holds may make a sum overflow.
  private static let limit = 1 << 53

  /// Counts that begin at a time in milliseconds since 1970.
  init(since: Int) {
    self.since = since - since % 1000
  }

  mutating func add(_ count: Int, of package: String, in channel: String) {
    channels[channel, default: [:]][package, default: 0] += count
  }

  /// Adds what was counted before.
  mutating func add(_ earlier: DownloadCounts) {
    since = min(since, earlier.since)
    for (channel, packages) in earlier.channels {
      for (package, count) in packages { add(count, of: package, in: channel) }
    }
  }

  /// Sums by channel and subdir, in order.
  var sums: [(channel: String, subdir: String, count: Int)] {
    channels.sorted { $0.key.precedes($1.key) }.flatMap { channel, packages in
      packages.reduce(into: [String: Int]()) { sums, package in
        let subdir = package.key.utf8.prefix { $0 != UInt8(ascii: "/") }
        sums[String(decoding: subdir, as: UTF8.self), default: 0] += package.value
      }.sorted { $0.key.precedes($1.key) }.map {
        (channel: channel, subdir: $0.key, count: $0.value)
      }
    }
  }
}

// The counts as a document.
extension DownloadCounts {
  /// Why a document is none of counts.
  struct Malformed: Error {
    let reason: String
  }

  /// JSON with a line for each package, in order.
  var json: [UInt8] {
    var writer = JSONWriter()
    writer.raw("{\"since\":")
    writer.write(RFC3339.text(milliseconds: since))
    writer.raw(",\"channels\":{")
    for (index, (channel, packages)) in channels.sorted(by: { $0.key.precedes($1.key) })
      .enumerated()
    {
      writer.raw(index == 0 ? "\n" : ",\n")
      writer.write(channel)
      writer.raw(":{")
      for (index, (package, count)) in packages.sorted(by: { $0.key.precedes($1.key) }).enumerated()
      {
        writer.raw(index == 0 ? "\n" : ",\n")
        writer.write(package)
        writer.raw(":")
        writer.write(count)
      }
      writer.raw("\n}")
    }
    writer.raw("\n}}\n")
    return writer.bytes
  }

  init(json: [UInt8]) throws(Malformed) {
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONReader.value(in: json)
    } catch {
      throw Malformed(reason: "\(error)")
    }
    guard let since = document.object?["since"]?.string.flatMap(RFC3339.milliseconds),
      let channels = document.object?["channels"]?.object
    else { throw Malformed(reason: "it has no \"since\" and \"channels\"") }
    self.init(since: since)
    for channel in channels.members {
      guard let packages = channel.value.object else {
        throw Malformed(reason: "\(channel.name) has no packages")
      }
      for package in packages.members {
        guard let count = package.value.integer, (0...Self.limit).contains(count) else {
          throw Malformed(reason: "\(package.name) has no count")
        }
        add(count, of: package.name, in: channel.name)
      }
    }
  }
}
