#!/usr/bin/env bash
# Every fuzz target for some seconds, one after the other, each on from what it found the last time and from
# the inputs that are committed (PART/corpus/TARGET). One line each: executions, speed, edges covered.
#   run.sh BUILD_FOLDER SECONDS
set -uo pipefail
shopt -s nullglob  # not every target has inputs that are committed
here=$(cd "$(dirname "$0")" && pwd)
status=0
for target in "$1"/tests/fuzz/fuzz_*; do
  [ -f "$target" ] || continue
  name=$(basename "$target")
  corpus=$1/corpus/$name
  mkdir -p "$corpus"
  if "$target" -max_total_time="$2" -max_len=4096 -rss_limit_mb=1024 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="$corpus-" "$corpus" "$here"/*/corpus/"${name#fuzz_}" >"$corpus.log" 2>&1; then
    awk -v name="${name#fuzz_}" '
      / cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") covered = $(i + 1) }
      /stat::number_of_executed_units/ { count = $2 }
      /stat::average_exec_per_sec/ { speed = $2 }
      /stat::peak_rss_mb/ { memory = $2 }
      END { printf "%-14s %10d inputs, %7d a second, %5d edges, %4d MiB: clean\n", name, count, speed, covered, memory }
    ' "$corpus.log"
  else
    echo "${name#fuzz_}: wrong; the input is beside $corpus.log"
    tail -n 30 "$corpus.log"
    status=1
  fi
done
exit "$status"
