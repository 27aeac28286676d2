#!/usr/bin/env bash
# Installs the commands below $DESTDIR$PREFIX/bin.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/system-packages.sh
# Linked with Swift's libraries, so that the machine they run on needs no Swift; by lld, since the
# default linker warns of functions in them that nobody here calls.
flags=(--configuration release --static-swift-stdlib -Xswiftc -use-ld=lld -Xlinker --gc-sections)
flags+=(--scratch-path .build/install)
for product in channel-index channel-server; do
  swift build "${flags[@]}" --product "$product"
done
binaries=$(swift build "${flags[@]}" --show-bin-path)
for product in channel-index channel-server; do
  install -D --strip --mode 755 "$binaries/$product" "${DESTDIR:-}${PREFIX:-/usr/local}/bin/$product"
done
echo "Installed channel-index and channel-server in ${DESTDIR:-}${PREFIX:-/usr/local}/bin"
