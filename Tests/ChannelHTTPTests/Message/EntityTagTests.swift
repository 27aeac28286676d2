import ChannelHTTP
import ChannelSystem
import Testing

@Suite struct EntityTagTests {
  private let tag = EntityTag(opaque: Array("a,b".utf8))

  private func presence(_ list: String, _ match: EntityTag.Match) -> EntityTag.Presence {
    tag.presence(in: Array(list.utf8).span, match)
  }

  @Test(arguments: ["\"a,b\"", "\"x\", \"a,b\"", "\"a,b\",\"x\"", " \"x\" ,, \"a,b\" ", "*", " * "])
  func `a list that holds the tag, commas and all, is found to`(_ list: String) {
    #expect(presence(list, .strong) == .present)
    #expect(presence(list, .weak) == .present)
  }

  @Test func `a weak tag matches weakly alone`() {
    #expect(presence("W/\"a,b\"", .weak) == .present)
    #expect(presence("W/\"a,b\"", .strong) == .absent)
  }

  @Test(arguments: ["\"a\"", "\"b\"", "\"A,B\"", "\"a,b \"", "", ","])
  func `a list without the tag does not match`(_ list: String) {
    #expect(presence(list, .weak) == .absent)
  }

  @Test(arguments: ["a,b", "\"a,b", "w/\"a,b\"", "W\"a,b\"", "\"a,b\" \"x\"", "\"x\", *", "W/"])
  func `what is no list of tags matches nothing`(_ list: String) {
    #expect(presence(list, .weak) == .malformed)
  }

  @Test func `everything that tells two versions apart changes the tag`() {
    let status = FileStatus(
      kind: .regular, size: 5, inode: 6, device: 7, modified: .init(seconds: 8, nanoseconds: 9))
    var others = [status, status, status, status]
    others[0].size = 6
    others[1].inode = 7
    others[2].modified.nanoseconds = 10
    others[3].modified.seconds = 9

    let tags = ([status] + others).map { EntityTag($0) } + [EntityTag(status, coding: "gzip")]

    #expect(Set(tags).count == 6)
    #expect(EntityTag(status) == EntityTag(status))
  }
}
