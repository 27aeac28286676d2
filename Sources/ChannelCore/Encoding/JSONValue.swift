internal import Glibc

/// A JSON value (RFC 8259), with numbers kept as they were written.
public enum JSONValue: Sendable, Hashable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number's own spelling, so that none is rounded or respelled.
  case number(String)
  /// A string.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object.
  case object(JSONObject)

  /// The string, if this is one.
  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The number as an integer, if it is one that fits; `-0` is none to some readers.
  public var integer: Int? {
    if case .number(let text) = self, text != "-0" { Int(text) } else { nil }
  }

  /// The strings of an array that holds nothing else.
  public var strings: [String]? {
    guard case .array(let values) = self else { return nil }
    var strings: [String] = []
    strings.reserveCapacity(values.count)
    for value in values {
      guard let string = value.string else { return nil }
      strings.append(string)
    }
    return strings
  }

  /// The members, if this is an object.
  public var object: JSONObject? {
    if case .object(let value) = self { value } else { nil }
  }

  /// What kind of value this is, in JSON's own words, for messages.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// The members of a JSON object, each name once, sorted by code point.
public struct JSONObject: Sendable, Hashable {
  /// One name and its value.
  public struct Member: Sendable, Hashable {
    /// The member's name.
    public var name: String
    /// The member's value.
    public var value: JSONValue
  }

  /// The members in the order of their names' code points.
  public private(set) var members: [Member] = []

  /// Creates an object without members.
  public init() {}

  /// Sorts `members`; of several with one name the last is kept.
  package init(unsorted members: [Member]) {
    var isSorted = true
    for index in members.indices.dropFirst()
    where !members[index - 1].name.precedes(members[index].name) {
      isSorted = false
    }
    self.members = members
    guard !isSorted else { return }
    self.members = []
    for member in members.enumerated().sorted(by: { left, right in
      if left.element.name.precedes(right.element.name) { return true }
      if right.element.name.precedes(left.element.name) { return false }
      return left.offset < right.offset
    }) {
      if self.members.last?.name.utf8.elementsEqual(member.element.name.utf8) == true {
        self.members.removeLast()
      }
      self.members.append(member.element)
    }
  }

  /// The value of the member called `name`; setting nil removes the member.
  public subscript(name: String) -> JSONValue? {
    get {
      let position = position(of: name)
      return holds(name, at: position) ? members[position].value : nil
    }
    set {
      let position = position(of: name)
      switch (holds(name, at: position), newValue) {
      case (true, let value?): members[position].value = value
      case (true, nil): members.remove(at: position)
      case (false, let value?): members.insert(Member(name: name, value: value), at: position)
      case (false, nil): break
      }
    }
  }

  /// Whether there are no members.
  public var isEmpty: Bool { members.isEmpty }

  /// Removes the members that `shouldRemove` names.
  public mutating func removeAll(where shouldRemove: (Member) -> Bool) {
    members.removeAll(where: shouldRemove)
  }

  private func holds(_ name: String, at position: Int) -> Bool {
    position < members.count && members[position].name.utf8.elementsEqual(name.utf8)
  }

  /// Where `name` stands or would stand.
  private func position(of name: String) -> Int {
    var low = 0
    var high = members.count
    while low < high {
      let middle = (low + high) / 2
      if members[middle].name.precedes(name) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// Creates an object from members in any order.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init(unsorted: elements.map { Member(name: $0.0, value: $0.1) })
  }
}

extension JSONValue: CustomStringConvertible {
  /// The value's canonical JSON.
  public var description: String {
    String(decoding: JSONWriter.bytes(of: self), as: UTF8.self)
  }
}

extension String {
  /// Order by code point, which is the order of UTF-8 bytes; `<` on strings compares normalised
  /// forms instead.
  package func precedes(_ other: String) -> Bool {
    var (left, right) = (self, other)
    return left.withUTF8 { left in
      right.withUTF8 { right in
        guard let first = left.baseAddress, let second = right.baseAddress else {
          return left.count < right.count
        }
        let order = memcmp(first, second, min(left.count, right.count))
        return order == 0 ? left.count < right.count : order < 0
      }
    }
  }
}
