#!/usr/bin/env bash
# One binary in other people's images: Debian 11, 12 and 13 (glibc 2.31, 2.36, 2.41), a root with nothing
# but the binary, one with musl, and one whose name service wants modules that a static program must not
# load. No /proc, no /dev in any of them. The roots are kept in ROOTS for the next time.
#   roots_lab.sh TOOLKIT FIXTURE ROOTS
set -uo pipefail
toolkit=$(realpath "$1")
fixture=$(realpath "$2")
mkdir -p "$3"
roots=$(realpath "$3")
here=$(dirname "$0")
# shellcheck source=tests/labs/roots/common.sh
. "$here/common.sh"
failures=0

# The same bytes in every root, with a log, a record and a child that is there everywhere.
common_checks() {
  local root=$1 code out
  cp "$toolkit" "$root/toolkit"
  cp "$fixture" "$root/toolkit_fixture"
  rm -rf "$root/data"
  out=$(chroot "$root" /toolkit --version 2>&1)
  check "--version" "${out%% *} $?" "toolkit 0"
  chroot "$root" /toolkit run --name job --state-dir /data/state --log /data/job.log -- \
    /toolkit_fixture lines 2 20 >/dev/null 2>"$root/stderr"
  check "a child runs" "$?" 0
  check "its lines are logged" "$(grep -c 'INFO job: 00000' "$root/data/job.log" 2>/dev/null)" 2
  check "the record is written" "$(grep -c '"exited"' "$root/data/state/job/job.json" 2>/dev/null)" 1
  chroot "$root" /toolkit run -- /toolkit_fixture die 11 2>/dev/null
  code=$?
  check "a signal becomes 128+N" "$code" 139
  chroot "$root" /toolkit run -- /nothing 2>/dev/null
  check "what is not there is 127" "$?" 127
  out=$(chroot "$root" /toolkit run --user 65534:65534 -- /toolkit_fixture print-status 2>/dev/null | grep -c '^nice ')
  check "a user by number" "$out" 1
}

debian() {
  echo "== $1"
  if ! make_root "$1" "$roots/$1" --foreign; then
    echo "  WRONG  no root of $1 could be made"
    failures=$((failures + 1))
    return
  fi
  common_checks "$roots/$1"
  local out
  # shellcheck disable=SC2016  # for the shell inside
  out=$(chroot "$roots/$1" /toolkit run --env X=in -- /bin/bash -c 'echo "$X $PPID"; exit 3' 2>/dev/null)
  check "the image's own shell" "$? ${out%% *}" "3 in"
  # The first stage of debootstrap has no passwd file yet.
  printf 'root:x:0:0::/root:/bin/sh\ntrainer:x:1234:1235::/:/bin/sh\n' >"$roots/$1/etc/passwd"
  out=$(chroot "$roots/$1" /toolkit run --user trainer -- /usr/bin/id -u 2>/dev/null)
  check "a user by name" "$out" 1234
}

# An nsswitch.conf as images with LDAP or systemd have it.
modules() {
  echo "== bookworm, with name service modules"
  local root=$roots/bookworm out
  [ -d "$root" ] || return
  printf 'passwd: files systemd ldap\ngroup: files systemd\nhosts: mymachines resolve dns\n' >"$root/etc/nsswitch.conf"
  out=$(chroot "$root" /toolkit run --user trainer -- /usr/bin/id -u 2>"$root/stderr")
  check "a user by name" "$? $out" "0 1234"
  rm "$root/etc/nsswitch.conf"
}

empty() {
  echo "== empty"
  rm -rf "$roots/empty"
  mkdir -p "$roots/empty"
  common_checks "$roots/empty"
}

musl() {
  echo "== musl"
  local loader
  loader=$(compgen -G '/lib/ld-musl-*.so.1' | head -n 1)
  if [ -z "$loader" ]; then
    echo "  not done: the package musl is not installed"
    [ "${TOOLKIT_LABS:-}" = required ] && failures=$((failures + 1))
    return
  fi
  rm -rf "$roots/musl"
  mkdir -p "$roots/musl/lib"
  cp -L "$loader" "$roots/musl/lib/"
  common_checks "$roots/musl"
  # The loader alone is a program: it prints its version and exits with 1.
  local out
  out=$(chroot "$roots/musl" /toolkit run -- "/lib/$(basename "$loader")" 2>&1)
  check "a program of musl" "$? $(grep -c '^musl libc' <<<"$out")" "1 1"
}

reason=$(why_no_roots)
[ -z "$reason" ] || skip "$reason"
for suite in bullseye bookworm trixie; do
  debian "$suite"
done
modules
empty
musl
[ "$failures" = 0 ]
