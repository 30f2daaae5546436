#!/usr/bin/env bash
# A training job's life under `toolkit run`: it trains on real handwritten digits, is told to stop half
# way, saves a checkpoint, and a second run takes it to the end. Shows what a user would look at and
# checks each of it; exits 1 when anything is not as it should be.
#   demo.sh path/to/toolkit
set -uo pipefail

toolkit=$(realpath "${1:-build/release/toolkit}")
here=$(realpath "$(dirname "$0")")
work=$(realpath .)/build/demo
python=/usr/bin/python3
failures=0

title() { printf '\n\033[1m%s\033[0m\n' "== $* ==" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi; }
show() { printf '    %s\n' "$@"; }
indent() { sed 's/^/    /'; }
check() { # check "what must be true" COMMAND...
  local what=$1
  shift
  if "$@"; then
    echo "  ok     $what"
  else
    echo "  WRONG  $what"
    failures=$((failures + 1))
  fi
}
contains() { grep -qaE -- "$1" "$2"; }
lacks() { ! grep -qaE -- "$1" "$2"; }
equal() {
  [ "$1" = "$2" ] && return
  echo "         is: '$1', should be: '$2'"
  return 1
}

# The digits come with a Debian package, of which nothing is installed.
fetch_digits() {
  [ -s "$work/digits.csv.gz" ] && return
  echo "Fetching the handwritten digits (a file of the package python3-sklearn, 57 kB)"
  mkdir -p "$work/package"
  (
    cd "$work/package" || exit 1
    download() { apt-get download -qq -o APT::Sandbox::User=root python3-sklearn; }
    # A machine that needed no other package may have no package lists.
    download || { [ "$(id -u)" = 0 ] && apt-get update -qq && download; } || exit 1
    dpkg -x python3-sklearn_*.deb .
  ) || return 1
  find "$work/package" -name digits.csv.gz -exec cp {} "$work/digits.csv.gz" \;
  rm -rf "$work/package"
  [ -s "$work/digits.csv.gz" ]
}

record() { # record KEY: from the job record
  "$python" -c 'import json, sys; print(json.load(open(sys.argv[1])).get(sys.argv[2]))' \
    "$work/state/digits/job.json" "$1"
}

# start ATTEMPT: the job in the background, its console in files
start() {
  "$toolkit" run --name digits --state-dir "$work/state" --log "$work/train.log" --prefix train \
    --pid-file "$work/train.pid" --grace 20s -- \
    "$python" "$here/train.py" --data "$work/digits.csv.gz" --checkpoint "$work/checkpoint.npz" \
    >"$work/console-$1.out" 2>"$work/console-$1.err" &
  supervisor=$!
}

wait_for() { # wait_for REGEX FILE: up to 40 s
  local _
  for _ in $(seq 400); do
    contains "$1" "$2" 2>/dev/null && return
    kill -0 "$supervisor" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

every_line_is_stamped() {
  ! grep -qavE '^\[[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\] (DEBUG| INFO| WARN|ERROR|FATAL) (train|run): ' "$1"
}

first_half() {
  title "1. Train, and be told to stop half way"
  show "toolkit run --name digits --log train.log --pid-file train.pid -- python3 train.py"
  start 1
  check "the trainer gets half way" wait_for 'epoch 20/40' "$work/train.log"

  title "Who is who"
  local pid
  pid=$(cat "$work/train.pid")
  ps -o pid,ppid,stat,args -p "$supervisor,$pid" | cut -c1-110 | indent
  check "the PID file names the trainer itself, not a shell" contains 'train\.py' <(tr '\0' ' ' <"/proc/$pid/cmdline")
  check "its parent is toolkit" equal "$(ps -o ppid= -p "$pid" | tr -d ' ')" "$supervisor"
  check "the job record says the same" equal "$(record pid) $(record state)" "$pid running"
  check "the trainer calls itself by that PID" contains "^pid $pid," "$work/console-1.out"

  title "SIGTERM to toolkit, as docker stop and Kubernetes send it"
  kill -TERM "$supervisor"
  wait "$supervisor"
  local code=$?
  tail -n 4 "$work/console-1.err" | tr '\r' '\n' | tail -n 5 | indent
  check "the exit code is the trainer's own: 143" equal "$code" 143
  check "the checkpoint is there" test -s "$work/checkpoint.npz"
  check "the record kept the end" equal "$(record state) $(record exit_code)" "exited 143"
  check "the PID file is gone" test ! -e "$work/train.pid"
  check "no trainer is left" test ! -e "/proc/$pid"
}

the_log() {
  title "2. The log"
  head -n 4 "$work/train.log" | indent
  show "..."
  tail -n 5 "$work/train.log" | cut -c1-110 | indent
  check "every line is stamped" every_line_is_stamped "$work/train.log"
  check "Python's warnings are warnings" contains '\] +WARN train: .*SIGTERM: checkpoint saved' "$work/train.log"
  local bars updates
  bars=$(grep -ac '\[[#.]*\] [0-9]*/1437' "$work/train.log")
  updates=$(tr -cd '\r' <"$work/console-1.err" | wc -c)
  check "the progress bar is live on the console ($updates updates) and folded in the log ($bars lines)" \
    test "$updates" -gt 500 -a "$bars" -gt 0 -a "$bars" -lt 80
  check "the console has the trainer's bytes as they were" lacks '^\[20' "$work/console-1.out"
}

second_half() {
  title "3. Start it again: it goes on from there"
  start 2
  wait "$supervisor"
  local code=$?
  { head -n 3 "$work/console-2.out"; echo ...; tail -n 2 "$work/console-2.out"; } | indent
  tail -n 1 "$work/console-2.err" | indent
  check "it ended by itself with 0" equal "$code" 0
  check "it resumed from the checkpoint" contains 'resumed from .* after epoch (19|2[0-9])' "$work/console-2.err"
  check "no epoch was trained twice" lacks '^epoch +(1|10)/40' "$work/console-2.out"
  local percent
  percent=$(sed -n 's/^done: \([0-9]*\).*/\1/p' "$work/console-2.out")
  check "more than 90 % of the held-out digits are right" test "${percent:-0}" -ge 90
  check "the log has both runs" equal "$(grep -ac 'epoch 40/40\|epoch  1/40' "$work/train.log")" 2

  title "4. The job record"
  "$python" -m json.tool "$work/state/digits/job.json" | indent
  check "it says how the job ended" equal "$(record state) $(record exit_code) $(record reason)" "exited 0 exited"
}

main() {
  fetch_digits || { echo "demo: the digits could not be fetched"; exit 1; }
  rm -rf "$work/state" "$work"/{train.log,train.pid,checkpoint.npz,console-*}
  "$toolkit" --version
  first_half
  the_log
  second_half
  echo
  if [ "$failures" -gt 0 ]; then
    echo "demo: $failures checks failed; everything is in build/demo"
    exit 1
  fi
  echo "demo: all as it should be. The files are in build/demo."
}

main
