import ChannelCore
import Testing

/// Match specs as conda spells and reads them.
@Suite struct MatchSpecTests {
  @Test(
    arguments: [
      ("python", "python", nil, nil), ("Python", "Python", nil, nil),
      ("_libgcc_mutex 0.1", "_libgcc_mutex", "0.1", nil),
      ("python >=3.8", "python", ">=3.8", nil),
      ("python >=3.8,<4.0a0", "python", ">=3.8,<4.0a0", nil),
      ("python 3.8.*", "python", "3.8.*", nil), ("python 3.8*", "python", "3.8*", nil),
      ("python 3.8.* *_cpython", "python", "3.8.*", "*_cpython"),
      ("numpy 1.11.1|1.11.3", "numpy", "1.11.1|1.11.3", nil),
      ("numpy >1.8,<2|==1.7", "numpy", ">1.8,<2|==1.7", nil),
      ("numpy (>=1.8,<2)|>3", "numpy", "(>=1.8,<2)|>3", nil),
      ("numpy ~=1.11", "numpy", "~=1.11", nil),
      ("numpy !=1.9.1", "numpy", "!=1.9.1", nil), ("numpy *", "numpy", "*", nil),
      ("numpy * py27_0", "numpy", "*", "py27_0"),
      ("numpy 1.8 py27_0", "numpy", "1.8", "py27_0"), ("numpy=1.8", "numpy", "=1.8", nil),
      ("numpy==1.8", "numpy", "==1.8", nil),
      ("numpy>=1.8", "numpy", ">=1.8", nil), ("numpy=1.8=py27_0", "numpy", "=1.8", "py27_0"),
      ("numpy==1.8=py27_0", "numpy", "==1.8", "py27_0"),
      ("numpy>=1.8,<2", "numpy", ">=1.8,<2", nil),
      ("numpy =1.8", "numpy", "=1.8", nil), ("openssl 1!1.0.1_", "openssl", "1!1.0.1_", nil),
      ("a 1.0+local.1", "a", "1.0+local.1", nil), ("  a   1.0  ", "a", "1.0", nil),
      ("a ^1\\.2$", "a", "^1\\.2$", nil),
      ("conda-forge::numpy", "numpy", nil, nil),
      ("conda-forge/linux-64::numpy 1.8", "numpy", "1.8", nil),
      ("__glibc >=2.17", "__glibc", ">=2.17", nil), ("blas * mkl", "blas", "*", "mkl"),
      ("*", "*", nil, nil),
      ("blas=*=openblas", "blas", "=*", "openblas"), ("vc 14.*", "vc", "14.*", nil),
      ("a >=1.*", "a", ">=1.*", nil),
    ] as [(String, String, String?, String?)])
  func `a spec that conda reads is read`(
    text: String, name: String, version: String?, build: String?
  ) throws {
    let spec = try #require(MatchSpec(text))
    #expect(spec.name == name)
    #expect(spec.version == version)
    #expect(spec.build == build)
    #expect(spec.keys.isEmpty)
    #expect(!spec.needsRevision3)
  }

  @Test(arguments: [
    "", " ", ">=1", "=1", "a b c d", "a >=", "a ==", "a >=1,", "a ,1", "a 1||2", "a >=1,<", "a <>1",
    "a 1..2", "a =>1",
    "a [", "a]", "a[version=", "a[version='1]", "a[=1]", "a[version='>=']", "a[version]",
    "ä", "a!b",
    "a/b", "a@1", "a 1-2", "a \u{0}",
  ])
  func `a spec that no client reads is refused`(text: String) {
    #expect(MatchSpec(text) == nil)
  }

  @Test func `keys in brackets are read in their order, quotes left out`() throws {
    let spec = try #require(
      MatchSpec(#"numpy >=2 [build="py*", when='python >=3.10', flags=[a, b], md5=abc]"#))
    #expect(spec.name == "numpy")
    #expect(spec.version == ">=2")
    #expect(spec.keys.map(\.name) == ["build", "when", "flags", "md5"])
    #expect(spec.keys.map(\.value) == ["py*", "python >=3.10", "[a, b]", "abc"])
    #expect(spec.needsRevision3)
  }

  @Test(arguments: [
    ("a", "a"), ("a 1.0", #"a[version="1.0"]"#),
    ("a >=1,<2 py*", #"a[version=">=1,<2",build="py*"]"#),
    ("a=1.0", #"a[version="=1.0"]"#), (#"a[when="b>=1"]"#, #"a[when="b>=1"]"#),
    (#"a >=2[when='b[version=">=1"]']"#, #"a[version=">=2",when='b[version=">=1"]']"#),
    (#"a[version='>=1',extras=[x,y]]"#, #"a[version=">=1",extras=[x,y]]"#),
  ])
  func `revision 3 knows one spelling, which reads as the same`(
    text: String, spelling: String
  ) throws {
    let spec = try #require(MatchSpec(text))
    #expect(spec.revision3Spelling == spelling)
    let again = try #require(MatchSpec(spec.revision3Spelling))
    #expect(again.revision3Spelling == spelling)
    #expect(again.needsRevision3 == spec.needsRevision3)
  }

  @Test(arguments: ["extras", "flags", "when"])
  func `a key of revision 3 needs it, wherever the bracket stands`(key: String) throws {
    for text in ["a[\(key)=x]", "a 1.0[version='1',\(key)='x']", "a >=1 [ \(key) = \"x\" ]"] {
      #expect(try #require(MatchSpec(text), "\(text)").needsRevision3)
    }
    #expect(try #require(MatchSpec("a[build=\(key)]")).needsRevision3 == false)
  }

  @Test func `no text makes the reader trap`() {
    let text = Array(#"c/d::a >=1,<2|~=3.* b*[version='1',when="x [y]",flags=[z]]"#.utf8)
    var refused = 0
    for index in text.indices {
      for byte in Array("[]=,'\"| *>:".utf8) {
        var changed = text
        changed[index] = byte
        if MatchSpec(String(decoding: changed, as: UTF8.self)) == nil { refused += 1 }
        if MatchSpec(String(decoding: changed[..<index], as: UTF8.self)) == nil { refused += 1 }
      }
    }
    #expect(refused > 10)
  }
}
