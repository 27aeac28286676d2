/// What a package asks of the packages that are built with it (CEP 12, CEP 34).
public struct RunExports: Sendable, Hashable {
  /// The lists, by kind, in the form the channel's documents publish.
  public let fields: JSONObject

  /// No run exports at all.
  public static let none = RunExports(fields: JSONObject())

  private static let kinds: Set<String> = [
    "noarch", "strong", "strong_constrains", "weak", "weak_constrains",
  ]

  private init(fields: JSONObject) {
    self.fields = fields
  }

  /// Reads the content of `info/run_exports.json`.
  ///
  /// A bare list is one of weak exports, and a bare string a list of one.
  ///
  /// - Throws: ``RecordError`` when it is neither a list nor an object of lists.
  public init(_ value: JSONValue) throws(RecordError) {
    var fields = JSONObject()
    switch value {
    case .null: break
    case .object(let object):
      for member in object.members where Self.kinds.contains(member.name) {
        guard let specs = Self.specs(member.value) else {
          throw RecordError(
            field: member.name, reason: "\(member.value.kind), not a list of strings")
        }
        if !specs.isEmpty { fields[member.name] = .array(specs.map { .string($0) }) }
      }
    default:
      guard let specs = Self.specs(value) else {
        throw RecordError(field: nil, reason: "\(value.kind), not a list of strings")
      }
      if !specs.isEmpty { fields["weak"] = .array(specs.map { .string($0) }) }
    }
    self.fields = fields
  }

  private static func specs(_ value: JSONValue) -> [String]? {
    switch value {
    case .null: []
    case .string(let spec): [spec]
    default: value.strings
    }
  }
}

extension RunExports {
  /// What came of reading a package's run exports.
  struct Reading: Sendable, Hashable {
    var runExports: RunExports
    /// Why they could not be read; nil when they could, or when there are none.
    var failure: String?

    /// Reads `info/run_exports.json`, or the YAML that older build tools wrote instead.
    init(json: [UInt8]?, yaml: [UInt8]?) {
      runExports = .none
      do {
        if let json {
          runExports = try RunExports(try JSONReader.value(in: json))
        } else if let yaml {
          runExports = try RunExports(try YAMLReader.value(in: yaml))
        }
      } catch {
        let member: MetadataMember = json == nil ? .runExportsYAML : .runExports
        failure = "\(member.rawValue) is unusable: \(error)"
      }
    }
  }
}
