#!/usr/bin/env bash
# Runs every executable script in Benchmarks.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/system-packages.sh
swift build --configuration release
binaries=$(swift build --configuration release --show-bin-path)
export PATH="$binaries:$PATH"

found=false
for benchmark in Benchmarks/*; do
  [[ -f $benchmark && -x $benchmark ]] || continue
  found=true
  echo "== $(basename "$benchmark")"
  "$benchmark"
done
$found || echo 'There is no benchmark yet.'
