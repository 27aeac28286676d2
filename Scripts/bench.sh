#!/usr/bin/env bash
# Runs every executable script in Benchmarks and the folders in it.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/system-packages.sh
swift build --configuration release
binaries=$(swift build --configuration release --show-bin-path)
Scripts/python-clients.sh
export PATH="$PWD/.build/venv/bin:$binaries:$PATH"

found=false
for benchmark in Benchmarks/* Benchmarks/*/*; do
  [[ -f $benchmark && -x $benchmark ]] || continue
  found=true
  echo "== $benchmark"
  "$benchmark"
done
$found || echo 'There is no benchmark yet.'
