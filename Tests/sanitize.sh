#!/bin/sh
# Runs the server's tests under ThreadSanitizer and AddressSanitizer, each in a build of its own.
#   Tests/sanitize.sh [thread|address]
set -eu
cd "$(dirname "$0")/.."
if [ "${1:-thread}" = thread ]; then
  swift test --sanitize=thread --scratch-path .build-tsan --filter ChannelHTTPTests
fi
if [ "${1:-address}" = address ]; then
  # The gold linker warns hundreds of times, XCTest's own run leaks, and so does Foundation's
  # Process, with which the executables are tried.
  swift test --sanitize=address --scratch-path .build-asan -Xswiftc -use-ld=lld \
    --disable-xctest --filter ChannelHTTPTests --skip CommandTests
fi
