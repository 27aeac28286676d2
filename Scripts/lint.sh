#!/usr/bin/env bash
# Checks the style of the sources named: lint.sh PATH...
set -euo pipefail
cd "$(dirname "$0")/.."

swift format lint --strict --parallel --recursive "$@"

too_long=$(find "$@" \( -name '*.swift' -o -name '*.js' -o -name '*.css' \) \
  -exec awk 'END { if (NR >= 400) print FILENAME ": " NR " lines" }' {} \;)
if [[ -n $too_long ]]; then
  echo 'error: files of 400 lines or more:' >&2
  echo "$too_long" >&2
  exit 1
fi

if command -v shellcheck >/dev/null; then
  shopt -s nullglob
  shellcheck Scripts/*.sh Scripts/deb/p* Examples/*/*.sh Tests/*.sh Benchmarks/*.sh Benchmarks/*/*.sh .ci/run
else
  echo 'note: shell scripts not checked: shellcheck is not installed' >&2
fi
