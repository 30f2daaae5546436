#!/usr/bin/env bash
# Measures the bars that the commands promise to keep against their peers, all in the same run on the same
# machine, several interleaved rounds each, medians. bars/COMMAND/BAR.py says what it measures and how;
# programs/ holds the small measuring programs, which are built here.
#   run.sh TOOLKIT                       all; writes tests/bench/results/COMMAND.md and COMMAND.svg
#   run.sh TOOLKIT COMMAND...            all bars of these
#   run.sh TOOLKIT COMMAND/BAR...        these bars; below build/bench/results, where nothing is kept
# FULL=1 takes the full counts: 1,000 trees, 10,000 early signals, more rounds of everything (half an hour).
# QUICK=1 takes hardly any, to see that all of it works, and keeps nothing either.
# By default it takes six minutes or so, and 5 GiB of disk below build/bench. Root measures PID 1 too.
set -euo pipefail

toolkit=$(realpath "${1:?run.sh: which toolkit?}")
shift
cd "$(dirname "$0")/../.."
mkdir -p build/bench/programs

for source in tests/bench/programs/*.cpp; do
  program=build/bench/programs/$(basename "$source" .cpp)
  if [ "$source" -nt "$program" ] || [ tests/bench/programs/common.hpp -nt "$program" ]; then
    "${CXX:-g++}" -std=c++20 -O2 -static -Wall -Wextra -I. "$source" -o "$program"
  fi
done

exec python3 tests/bench/bench.py "$toolkit" "$@"
