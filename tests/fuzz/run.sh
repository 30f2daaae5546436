#!/usr/bin/env bash
# Every fuzz target for some seconds, one after the other, each on from what it found the last time.
#   run.sh BUILD_FOLDER SECONDS
set -uo pipefail
status=0
for target in "$1"/tests/fuzz/fuzz_*; do
  [ -f "$target" ] || continue
  corpus=$1/corpus/$(basename "$target")
  mkdir -p "$corpus"
  echo "== $(basename "$target"), $2 s"
  if "$target" -max_total_time="$2" -max_len=4096 -artifact_prefix="$corpus-" "$corpus" >"$corpus.log" 2>&1; then
    tail -n 1 "$corpus.log"
  else
    tail -n 30 "$corpus.log"
    status=1
  fi
done
exit "$status"
