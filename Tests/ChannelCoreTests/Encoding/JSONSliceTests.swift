import ChannelCore
import Testing

@Suite struct JSONSliceTests {
  private static let object =
    #"{"a":"x\"y\\","b":{"c":[1,{"d":"]}"}]},"e":[],"f":-1.5,"g":"ü","h":true,"i":"","j":[["k","l"],"m,n"]}"#

  private func slice(_ text: String) -> JSONSlice { JSONSlice(Array(text.utf8)[...]) }

  /// The members of the object called `names`, asked for in this order.
  private func values(_ names: String...) -> [JSONSlice?] {
    var members = slice(Self.object).members
    return names.map { members.value(of: $0) }
  }

  @Test func `members come with the bytes that they have`() throws {
    let whole = try #require(try JSONReader.value(in: Array(Self.object.utf8)).object)
    for member in whole.members {
      let value = try #require(values(member.name)[0])
      #expect(try JSONReader.value(in: Array(value.bytes)) == member.value)
    }
  }

  @Test func `members are found one after another, and missing ones are passed by`() {
    let found = values("0", "a", "d", "g", "b", "i", "z")
    #expect(found.map { $0?.string } == [nil, #"x"y\"#, nil, "ü", nil, "", nil])
  }

  @Test func `strings, numbers and elements are what they spell`() {
    let found = values("e", "h", "j")
    #expect(found[0]?.elements == [])
    #expect(found[1]?.string == nil)
    #expect(found[2]?.elements == [slice(#"["k","l"]"#), slice(#""m,n""#)])
    #expect(slice("42").integer == 42)
    #expect(slice("1.5").integer == nil)
  }

  @Test(arguments: [
    (#""x""#, true), (#"["x"]"#, true), (#""""#, false), ("[]", false), ("null", false),
    ("true", false), ("123", false),
  ])
  func `strings and arrays can be filled`(text: String, isFilled: Bool) {
    #expect(slice(text).isFilled == isFilled)
  }

  @Test func `what is cut off anywhere is read to its end and no further`() {
    let bytes = Array(Self.object.utf8)
    for count in bytes.indices {
      // A slice of more bytes, which are not its own.
      let cut = JSONSlice(bytes[..<count])
      var members = cut.members
      _ = members.value(of: "z")
      _ = (cut.elements, cut.string, cut.integer, cut.isFilled)
      #expect(JSONSlice(bytes[count...]).elements.allSatisfy { $0.bytes.endIndex <= bytes.count })
    }
  }
}
