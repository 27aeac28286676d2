internal import ChannelCore
internal import ChannelHTTP
internal import ChannelSite
internal import Glibc

/// What `/-/metrics` says, of the server and of the channels that it shows, and `/-/downloads`.
struct MetricsPage: Sendable {
  let observation: Observation

  var responders: [Responder] {
    var responders = [
      Responder(under: "/-/metrics", methods: ["GET", "HEAD"], on: .pool) { _ in response }
    ]
    if let downloads = observation.downloads {
      responders.append(
        Responder(under: "/-/downloads", methods: ["GET", "HEAD"], on: .pool) { _ in
          downloads.response
        })
    }
    return responders
  }

  private var response: HTTPResponse {
    var text = MetricsText()
    observation.server.write(to: &text)
    observation.digests.write(to: &text)
    observation.activities.write(to: &text)
    writeIndexes(to: &text)
    return text.response
  }

  private func writeIndexes(to text: inout MetricsText) {
    var found: [(channel: String, subdir: String, count: Int, published: Double)] = []
    let channels = observation.channels
    let all = channels.all()
    for channel in all {
      for subdir in channels.subdirs(of: channel.layout) {
        guard let index = observation.indexes.digests(subdir, of: channel.layout) else { continue }
        found.append(("/\(channel.path)", subdir.name, index.count, index.modified))
      }
    }
    text.begin(
      "channel_index_generation_timestamp_seconds", .gauge,
      "When the index that clients get was written: another time is another generation.")
    for index in found {
      text.add(index.published, labels: ["channel": index.channel, "subdir": index.subdir])
    }
    let now = Double(time(nil))
    text.begin("channel_index_age_seconds", .gauge, "Time since then.")
    for index in found {
      text.add(
        max(0, now - index.published), labels: ["channel": index.channel, "subdir": index.subdir])
    }
    text.begin("channel_packages", .gauge, "Packages that the index lists.")
    for index in found {
      text.add(index.count, labels: ["channel": index.channel, "subdir": index.subdir])
    }
    observation.keeper?.write(to: &text, all)
    observation.downloads?.write(to: &text)
  }
}
