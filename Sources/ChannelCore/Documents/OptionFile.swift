internal import ChannelSystem
internal import SystemPackage

/// A file that an operator wrote, in JSON or YAML as its name says.
enum OptionFile {
  /// The value that the file holds; names that end in `.json` are read as JSON, all others as YAML.
  static func value(at path: FilePath) throws(ChannelError) -> JSONValue {
    let bytes: [UInt8]
    do throws(Errno) {
      bytes = try Descriptor(opening: path, options: .nonBlocking).readAll(limit: 16 << 20)
    } catch {
      throw ChannelError(path, "cannot be read: \(error)")
    }
    do {
      if path.extension == "json" { return try JSONReader.value(in: bytes) }
      return try YAMLReader.value(in: bytes)
    } catch {
      throw ChannelError(path, "\(error)")
    }
  }
}
