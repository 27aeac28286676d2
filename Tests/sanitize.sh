#!/bin/sh
# Runs the server's tests under AddressSanitizer, with its leak detector, or under ThreadSanitizer.
#   Tests/sanitize.sh [address|thread]
#
# Both run with a Mutex of their own, Sanitize/Mutex.swift: ThreadSanitizer does not see that a
# contended one of the standard library is taken.
set -eu
cd "$(dirname "$0")/Sanitize"
case "${1:-address}" in
thread)
  swift test --sanitize=thread --scratch-path ../../.build-thread --disable-xctest
  ;;
address)
  # The gold linker would warn hundreds of times.
  swift test --sanitize=address --scratch-path ../../.build-address --disable-xctest \
    -Xswiftc -use-ld=lld
  ;;
*)
  echo 'usage: sanitize.sh [address|thread]' >&2
  exit 2
  ;;
esac
