import ChannelHTTP
import ChannelSystem
import Glibc
import SystemPackage

/// A folder with links in and out of it, made once.
private let root: FilePath = {
  var template = Array("/tmp/channel-fuzz-XXXXXX".utf8CString)
  precondition(mkdtemp(&template) != nil)
  let folder = FilePath(platformString: template)
  mkdir(folder.appending("root").string, 0o755)
  mkdir(folder.appending("root/a").string, 0o755)
  mkdir(folder.appending("outside").string, 0o755)
  for (name, target) in [("root/o", "../outside"), ("root/i", "a"), ("root/a/u", "../a/u")] {
    symlink(target, folder.appending(name).string)
  }
  return folder.appending("root")
}()
private let outside = try? FileStatus(of: root.removingLastComponent().appending("outside"))

/// No path opens anything outside the root, by either way of opening.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPath(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeBufferPointer(start: start, count: count)
  var path = RequestPath()
  guard (try? path.decode(bytes.span)) != nil else { return 0 }
  for component in path.name.split(separator: 0x2F, omittingEmptySubsequences: false)
  where !path.name.isEmpty {
    precondition(!component.isEmpty && !component.elementsEqual([0x2E, 0x2E]))
  }
  for usingKernel in [true, false] {
    guard var resolver = try? PathResolver(root: root, usingKernel: usingKernel),
      let opened = try? resolver.open(path.name), let status = try? FileStatus(of: opened.raw)
    else { continue }
    precondition(status.inode != outside?.inode)
  }
  return 0
}
