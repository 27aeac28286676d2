#!/bin/sh
# Runs the server's tests under AddressSanitizer, with its leak detector, or under ThreadSanitizer.
#   Tests/sanitize.sh [address|thread]
#
# What ThreadSanitizer says needs a reader: it does not see that a contended Mutex of the standard
# library is taken, since that happens in the library, which is not built for it. Two accesses, both
# within withLock of the same Mutex, are no race.
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
