internal import ChannelSystem
internal import SystemPackage

extension ServerConfiguration {
  /// What would keep a server from starting, as far as it can be told without starting one.
  ///
  /// Nothing is listened on: another server may have the addresses now.
  public var problems: [ServerError] {
    var problems: [ServerError] = []
    func look(_ body: () throws(ServerError) -> Void) {
      do throws(ServerError) { try body() } catch { problems.append(error) }
    }
    look { () throws(ServerError) in try checkNumbers() }
    if mounts.isEmpty { look { () throws(ServerError) in _ = try folders() } }
    for index in mounts.indices {
      var one = self
      one.mounts = [mounts[index]]
      look { () throws(ServerError) in _ = try one.folders() }
    }
    if problems.isEmpty { look { () throws(ServerError) in _ = try folders() } }
    if listeners.isEmpty {
      problems.append(
        ServerError(.configuration, "listeners", "there is no address to listen on"))
    }
    for listener in listeners {
      look { () throws(ServerError) in try Self.check(listener) }
    }
    look { () throws(ServerError) in try checkLog() }
    return problems
  }

  /// Sees that the numbers make sense.
  func checkNumbers() throws(ServerError) {
    for (name, count) in [("threads", threads ?? 1), ("workers", workers)]
    where !(1...512).contains(count) {
      throw ServerError(.configuration, name, "must be 1 to 512, not \(count)")
    }
  }

  private static func check(_ listener: ListenAddress) throws(ServerError) {
    switch listener {
    case .tcp(let host, let port):
      _ = try SocketAddress.resolve(host, port: port)
    case .unix(let name, _):
      do throws(Errno) {
        let path = FilePath(name)
        guard path.string.utf8.count <= SocketFile.longestPath else { throw .fileNameTooLong }
        let parent = path.removingLastComponent()
        let directory: FilePath = parent.isEmpty ? "." : parent
        guard try FileStatus(of: directory).kind == .directory else { throw .notDirectory }
        try SocketFile.makeWay(at: path)
      } catch .addressInUse {
        // By the server that the configuration is for, most likely.
      } catch {
        throw ServerError(.address, "\(listener)", SocketFile.reason(for: error))
      }
    case .inherited:
      break
    }
  }

  private func checkLog() throws(ServerError) {
    guard case .file(let name) = accessLog else { return }
    let parent = FilePath(name).removingLastComponent()
    do throws(Errno) {
      guard try FileStatus(of: parent.isEmpty ? "." : parent).kind == .directory else {
        throw .notDirectory
      }
    } catch {
      throw ServerError(.path, name, "the access log cannot be written: \(error)")
    }
  }
}
