public import SystemPackage

/// How much a channel lists, and how it grew.
public struct ChannelStatistics: Sendable, Hashable {
  /// How many packages, of how many names, and how large together.
  public struct Amount: Sendable, Hashable {
    /// The packages.
    public internal(set) var packages = 0
    /// The names they have.
    public internal(set) var names = 0
    /// Their files' sizes, in bytes.
    public internal(set) var bytes = 0
  }

  /// One month, in UTC.
  public struct Month: Sendable, Hashable {
    /// The month, as in `2026-11`.
    public let name: String
    /// How many of the packages that are listed now first appeared in it.
    public internal(set) var packages = 0
    /// The sizes of their files, in bytes.
    public internal(set) var bytes = 0
  }

  /// All subdirs together; a name in several of them counts once.
  public private(set) var total = Amount()
  /// The subdirs that list a package.
  public private(set) var subdirs: [Platform: Amount] = [:]
  /// The months in which packages appeared, the oldest first.
  ///
  /// Packages of which the index does not say when they appeared are in none.
  public private(set) var months: [Month] = []
  /// How many packages are yanked.
  public private(set) var yanked = 0

  /// Counts what the index of a channel lists, whichever tool wrote it.
  ///
  /// - Throws: ``ChannelError`` when it has no index that can be read.
  public init(of channel: FilePath) throws(ChannelError) {
    let layout = ChannelLayout(root: channel)
    var months: [String: Month] = [:]
    var allNames: Set<String> = []
    for (platform, index) in try ChannelListing(of: layout).subdirs where !index.records.isEmpty {
      var amount = Amount()
      var names: Set<String> = []
      for (archive, record) in index.records {
        let facts = Facts(record)
        amount.packages += 1
        amount.bytes += facts.size
        names.insert(facts.name ?? String(archive.stem))
        guard let appeared = facts.appeared else { continue }
        let name = String(RFC3339.text(milliseconds: appeared).prefix(7))
        months[name, default: Month(name: name)].packages += 1
        months[name, default: Month(name: name)].bytes += facts.size
      }
      amount.names = names.count
      subdirs[platform] = amount
      allNames.formUnion(names)
      total.packages += amount.packages
      total.bytes += amount.bytes
    }
    total.names = allNames.count
    self.months = months.values.sorted { $0.name.precedes($1.name) }
    yanked = try YankList(of: layout).packages.count
  }

  /// The counts as canonical JSON, for machines.
  public var json: [UInt8] {
    var platforms = JSONObject()
    for (platform, amount) in subdirs { platforms[platform.name] = .object(amount.document) }
    var document = total.document
    document["months"] = .array(
      months.map { month in
        .object([
          "bytes": .number(String(month.bytes)), "month": .string(month.name),
          "packages": .number(String(month.packages)),
        ])
      })
    document["subdirs"] = .object(platforms)
    document["yanked"] = .number(String(yanked))
    return JSONWriter.bytes(of: .object(document))
  }
}

extension ChannelStatistics.Amount {
  fileprivate var document: JSONObject {
    [
      "bytes": .number(String(bytes)), "names": .number(String(names)),
      "packages": .number(String(packages)),
    ]
  }
}

/// What is counted of a record.
private struct Facts {
  var name: String?
  var size = 0
  /// Milliseconds since 1970.
  var appeared: Int?

  init(_ record: ArraySlice<UInt8>) {
    var reader = JSONReader(Array(record))
    try? reader.forEachMember { (member, reader) throws(JSONError) in
      switch member {
      case "name": name = try reader.value().string
      case "size": size = try reader.value().integer ?? 0
      case "indexed_timestamp": appeared = try reader.value().integer
      default: try reader.skipValue()
      }
    }
  }
}
