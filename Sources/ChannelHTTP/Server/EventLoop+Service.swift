internal import Logging
internal import SystemPackage

// Another configuration for a loop that runs.
extension EventLoop {
  /// Does from now on what `service` says; connections stay, and what is being sent is sent.
  mutating func takeUp(_ service: Service) {
    limits = service.limits
    times = Times(service.limits)
    logger = service.logger
    parser = RequestParser(limits: RequestParser.Limits(service.limits))
    rules = service.rules
    isGuarded = service.rules != nil
    extensions = service.extensions
    isExtended = service.extensions != nil
    expectations = service.expectations
    tellOfDownloads()
    downloads = service.downloads.map(DownloadNotes.init)
    expectedMisses = service.expectedMisses
    files.replaceFolders(by: service)
    log?.flush()
    log = service.log.map { AccessLog(writer: $0, format: service.logFormat, now: context.now) }
    logsRequests = service.log != nil
    for connection in table.all {
      if namesPeers, connection.peer.isEmpty {
        connection.peer = SocketAddress(ofPeer: connection.socket.rawValue).text
      }
      identify(connection)
    }
    if !isDraining { replaceListeners(by: service.listeners) }
  }

  private mutating func replaceListeners(by others: [Listener]) {
    let leaving = listeners.filter { old in !others.contains { $0 === old } }
    do throws(Errno) {
      for listener in listeners { try epoll.remove(listener.socket) }
      listeners = others
      try watchListeners()
    } catch {
      logger.critical("sockets cannot be watched: \(error)")
    }
    // What the kernel has accepted already would be reset with the listener.
    for listener in leaving { accept(from: listener, atMost: 4096) }
  }
}
