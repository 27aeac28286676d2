internal import ChannelSystem
internal import SystemPackage

/// Compares the documents at a channel's root with what its subdirs list.
struct RootInspection {
  let layout: ChannelLayout
  /// All names of packages that a subdir lists.
  let names: Set<String>

  func findings() -> [Finding] {
    let path = layout.document(.channelData)
    guard let bytes = try? Descriptor.contents(of: path) else { return [] }
    let name = ChannelLayout.RootDocumentName.channelData.rawValue
    guard let document = try? JSONReader.value(in: bytes).object,
      let packages = document["packages"]?.object
    else { return [finding(name, "is damaged")] }
    let told = Set(packages.members.map(\.name))
    var findings: [Finding] = []
    for missing in names.subtracting(told).sorted() {
      findings.append(finding(name, "says nothing of \(missing)"))
    }
    for extra in told.subtracting(names).sorted() {
      findings.append(finding(name, "speaks of \(extra), which no subdir lists"))
    }
    let compressed = layout.document(.channelDataZstandard)
    if let frame = try? Descriptor.contents(of: compressed),
      Decompression.zstandard(frame) != bytes
    {
      findings.append(
        finding(
          ChannelLayout.RootDocumentName.channelDataZstandard.rawValue,
          "does not hold what \(name) says"))
    }
    return findings
  }

  private func finding(_ path: String, _ problem: String) -> Finding {
    Finding(kind: .document, path: path, problem: problem, remedy: "run channel-index")
  }
}
