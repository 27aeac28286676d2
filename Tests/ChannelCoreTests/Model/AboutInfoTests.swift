import Testing

@testable import ChannelCore

@Suite struct AboutInfoTests {
  private func about(_ members: [MetadataMember: String]) -> String {
    "\(JSONValue.object(AboutInfo(members.mapValues { Array($0.utf8) }).fields))"
  }

  @Test(
    arguments: [
      ([:], "{}"),
      ([.about: #"{"summary":"A","home":"h","unknown":1}"#], #"{"home":"h","summary":"A"}"#),
      ([.about: #"{"license":null,"tags":["a"]}"#], #"{"tags":["a"]}"#), ([.about: "{"], "{}"),
      ([.about: "[]"], "{}"), ([.recipe: "source:\n  url: u\n"], #"{"source_url":"u"}"#),
      ([.recipe: "source:\n  - url: u\n"], #"{"source_url":"u"}"#),
      (
        [.recipe: "source:\n  - url: u\n  - git_url: g\n  - url:\n    - v\n    - w\n"],
        #"{"source_git_url":"g","source_url":["u","v","w"]}"#
      ),
      ([.recipe: "source:\n  url: https://a/{{ version }}.zip\n"], "{}"),
      ([.recipe: "source:\n  git_url: g\n"], #"{"source_git_url":"g"}"#),
      ([.renderedRecipe: "recipe:\n  source:\n  - git: g\n"], #"{"source_git_url":"g"}"#),
      ([.about: #"{"home":["h","i"],"tags":[],"summary":" ","dev_url":1}"#], #"{"home":"h"}"#),
      ([.about: #"{"description":" a\nb\n"}"#], #"{"description":"a\nb"}"#),
      ([.recipe: "a: &b c"], "{}"), ([.recipe: "source: 1"], "{}"),
      ([.icon: "<svg/>"], "{}"),
    ] as [([MetadataMember: String], String)])
  func `what channeldata lists is found in each member`(
    members: [MetadataMember: String], expected: String
  ) {
    #expect(about(members) == expected)
  }

  @Test func `an icon is known by its digest`() {
    let icon = pngSignature + Array("picture".utf8)
    let expected = JSONValue.string("sha256:\(Digest.sha256(of: icon))")
    #expect(AboutInfo([.icon: icon]).fields == ["icon_hash": expected])
  }

  @Test(
    arguments: [
      (#""_path":"etc/conda/activate.d/a.sh""#, "activate.d"),
      (#""_path":"etc/conda/deactivate.d/a.sh""#, "deactivate.d"),
      (#""_path":"bin/a","prefix_placeholder":"/p","file_mode":"binary""#, "binary_prefix"),
      (#""_path":"bin/a","prefix_placeholder":"/p","file_mode":"text""#, "text_prefix"),
      (#""_path":"bin/.a-pre-link.sh""#, "pre_link"),
      (#""_path":"Scripts/.a-post-link.bat""#, "post_link"),
      (#""_path":"bin/.a-pre-unlink.sh""#, "pre_unlink"),
      (#""_path":"python-scripts/.a-post-link.sh""#, "post_link"),
      (#""_path":"bin/a-post-link.sh""#, nil), (#""_path":"lib/.a-post-link.sh""#, nil),
      (#""_path":"etc/conda/activate.d.txt""#, nil), (#""_path":"a","file_mode":"text""#, nil),
      (#""_path":1"#, nil),
    ] as [(String, String?)])
  func `the list of files tells how a package installs`(file: String, trait: String?) {
    let paths = #"{"paths_version":1,"paths":[{"_path":"x"},{\#(file)}],"more":{}}"#
    #expect(about([.paths: paths]) == (trait.map { #"{"\#($0)":true}"# } ?? "{}"))
  }

  @Test(arguments: ["", "[]", "{", #"{"paths":{}}"#, #"{"paths":[{]}"#])
  func `a list of files that cannot be read tells nothing`(paths: String) {
    #expect(about([.paths: paths]) == "{}")
  }
}
