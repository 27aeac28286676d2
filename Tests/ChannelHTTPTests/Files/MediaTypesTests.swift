import ChannelHTTP
import Testing

@Suite struct MediaTypesTests {
  @Test(arguments: [
    ("repodata.json", "application/json"), ("a-1-0.conda", "application/octet-stream"),
    ("a-1-0.tar.bz2", "application/x-bzip2"), ("repodata.json.bz2", "application/x-bzip2"),
    ("repodata.json.zst", "application/zstd"), ("a.msgpack.zst", "application/zstd"),
    ("a.tar.gz", "application/gzip"), ("index.html", "text/html; charset=utf-8"),
    ("README.TXT", "text/plain; charset=utf-8"), ("style.css", "text/css; charset=utf-8"),
    ("logo.svg", "image/svg+xml"), ("none", "application/octet-stream"),
    ("a.unheard-of", "application/octet-stream"), ("", "application/octet-stream"),
    ("a.", "application/octet-stream"),
  ])
  func `a file has the type of its last ending`(_ name: String, _ type: String) {
    #expect(MediaTypes.type(of: Array(name.utf8)).description == type)
  }
}
