#!/usr/bin/env bash
# Builds everything and runs every test; arguments go to `swift test`.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/system-packages.sh curl
Scripts/python-clients.sh
# The end-to-end tests run the executables, which `swift test` alone would not build anew.
swift build
if [ $# -gt 0 ]; then
  swift test --disable-xctest "$@"
else
  swift test --disable-xctest --skip '^EndToEnd\.'
  # By themselves: servers and clients wait for one another, and beside tests that take all of the
  # processors they would wait for minutes.
  swift test --disable-xctest --skip-build --filter '^EndToEnd\.'
fi
