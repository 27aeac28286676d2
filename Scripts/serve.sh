#!/usr/bin/env bash
# Builds, indexes and serves a channel; CHANNEL and PORT come from the environment.
set -euo pipefail
cd "$(dirname "$0")/.."

channel=${CHANNEL:-}
port=${PORT:-8080}

if [[ -n $channel && ! -d $channel ]]; then
  echo "error: $channel: no such folder; leave CHANNEL out to serve a sample" >&2
  exit 1
fi

Scripts/system-packages.sh
products=(channel-index channel-server)
[[ -n $channel ]] || products+=(sample-channel)
for product in "${products[@]}"; do
  swift build --configuration release --product "$product"
done
binaries=$(swift build --configuration release --show-bin-path)

example=PACKAGE
if [[ -z $channel ]]; then
  channel=.build/sample-channel
  example=hello-everything
  "$binaries/channel-index" init "$channel" >/dev/null
  "$binaries/sample-channel" "$channel"
fi

# Status 3 says that some packages were left out; the others are worth serving.
"$binaries/channel-index" "$channel" || [[ $? -eq 3 ]] || exit 1

url=http://localhost:$port/condapkg
# The server picks the port then, and names it in its ready line.
[[ $port != 0 ]] || url=URL
echo
echo "Install from this channel with:"
echo
echo "  conda install -c $url $example"
echo
echo "Look at it in a browser: $url/"
echo
exec "$binaries/channel-server" "$channel" --port "$port" --mount /condapkg
