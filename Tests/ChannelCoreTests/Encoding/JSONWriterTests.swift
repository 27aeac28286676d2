import ChannelCore
import Testing

@Suite struct JSONWriterTests {
  /// On the right what Python's `json.dumps(…, sort_keys=True, separators=(",", ":"))` made of the
  /// left.
  @Test(arguments: [
    (#"{"b":1,"a":2}"#, #"{"a":2,"b":1}"#),
    (#"{"a":{"z":1,"y":[{"d":1,"c":2}]}}"#, #"{"a":{"y":[{"c":2,"d":1}],"z":1}}"#),
    (#""\u0000\u0001\u001F""#, #""\u0000\u0001\u001f""#),
    (#""\b\f\n\r\t""#, #""\b\f\n\r\t""#),
    (#""\"\\\/""#, #""\"\\/""#),
    (#""\u007f\u0080""#, #""\u007f\u0080""#),
    ("\"\u{7F}\"", #""\u007f""#),
    (#""é€😀""#, #""\u00e9\u20ac\ud83d\ude00""#),
    (#""\u2028\u2029\ufeff""#, #""\u2028\u2029\ufeff""#),
    (
      #"{"😀":1,"\uffff":2,"z":3,"Z":4,"é":5,"":6}"#,
      #"{"":6,"Z":4,"z":3,"\u00e9":5,"\uffff":2,"\ud83d\ude00":1}"#
    ),
    ("[ ]", "[]"), ("{ }", "{}"),
    (" [ 1 , true , false , null ] ", "[1,true,false,null]"),
    (#"{"a":1,"a":2}"#, #"{"a":2}"#),
    (#""</script>&\u003c""#, #""</script>&<""#),
    ("[-1, 10,1.5,12345678901234567890]", "[-1,10,1.5,12345678901234567890]"),
    (#""~ !""#, #""~ !""#),
  ])
  func `the canonical bytes are those Python makes`(text: String, expected: String) throws {
    let value = try JSONReader.value(in: Array(text.utf8))
    #expect(String(decoding: JSONWriter.bytes(of: value), as: UTF8.self) == expected)
  }

  @Test func `every character of the basic plane survives writing and reading`() throws {
    for first in stride(from: UInt32(0), to: 0x11000, by: 256) {
      let scalars = (first..<(first + 256)).compactMap(Unicode.Scalar.init)
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars)
      let bytes = JSONWriter.bytes(of: .string(text))
      #expect(bytes.allSatisfy { (0x20...0x7E).contains($0) })
      #expect(try JSONReader.value(in: bytes).string.map { Array($0.unicodeScalars) } == scalars)
    }
  }

  @Test func `canonical bytes read and written again stay as they are`() throws {
    let text = #"{"a":[0.10,1E5,{"k":"\u00e9\\"}],"b":{},"c":null}"#
    let once = JSONWriter.bytes(of: try JSONReader.value(in: Array(text.utf8)))
    let twice = JSONWriter.bytes(of: try JSONReader.value(in: once))
    #expect(String(decoding: once, as: UTF8.self) == text)
    #expect(once == twice)
  }

  @Test func `pieces are written one after another without anything between them`() {
    var writer = JSONWriter(reservingCapacity: 8)
    writer.raw("[")
    writer.write(-42)
    writer.raw(Array(",\"raw\",".utf8))
    writer.write("q\"")
    writer.raw("]")
    #expect(String(decoding: writer.bytes, as: UTF8.self) == #"[-42,"raw","q\""]"#)
  }
}
