#!/bin/sh
# Builds the fuzzers and runs each for some seconds, starting from the committed corpus.
#   Tests/Fuzz/run.sh [SECONDS]
set -eu
cd "$(dirname "$0")"
seconds=${1:-60}
# The backtracer and the fuzzer would wait for each other.
export SWIFT_BACKTRACE=enable=no
for name in request range path bzip2; do
  swift build --sanitize=fuzzer --product "fuzz-$name"
  mkdir -p ".build/corpus-$name"
  ".build/debug/fuzz-$name" -max_total_time="$seconds" -timeout=5 -max_len=40000 \
    ".build/corpus-$name" "Corpus/$name"
done
