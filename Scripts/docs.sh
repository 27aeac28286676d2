#!/usr/bin/env bash
# Makes the reference of both libraries in .build/docs, as a site for any web server.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/system-packages.sh
# The manifest adds the documentation plugin only when asked for.
export CHANNEL_DOCS=1
swift package --allow-writing-to-directory .build/docs generate-documentation \
  --target ChannelCore --target ChannelHTTP --enable-experimental-combined-documentation \
  --transform-for-static-hosting --warnings-as-errors --output-path .build/docs
