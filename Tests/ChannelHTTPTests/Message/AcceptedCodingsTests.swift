import ChannelHTTP
import Testing

@Suite struct AcceptedCodingsTests {
  @Test(arguments: [
    ("gzip", 1000, 0), ("gzip, zstd", 1000, 1000), ("gzip;q=0.5,zstd;q=0.25", 500, 250),
    ("gzip;q=0", 0, 0), ("*", 1000, 1000), ("*;q=0.1, gzip", 1000, 100), ("identity", 0, 0),
    ("gzip;q=0, *", 0, 1000), ("GZIP ; q=1.000", 1000, 0), ("x-gzip", 1000, 0),
    ("gzip;q=x", 0, 0), ("gzip;q=1.5", 1000, 0), ("gzip;q=0.1234", 0, 0), ("", 0, 0),
    ("gzipp, azstd", 0, 0),
  ])
  func `weights are read as they are meant`(_ field: String, _ gzip: Int, _ zstd: Int) {
    var codings = AcceptedCodings()
    codings.add(Array(field.utf8).span)

    #expect(codings.weight(of: .gzip) == gzip)
    #expect(codings.weight(of: .zstd) == zstd)
  }
}
