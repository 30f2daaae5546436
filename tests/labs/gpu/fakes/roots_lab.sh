#!/usr/bin/env bash
# The probe in other people's images, with the same bytes: Debian 11, 12 and 13 (glibc 2.31, 2.36, 2.41), a
# root with nothing, one with musl; read-only roots, memory files and /tmp that may not be executed, and a
# user without rights. The libraries that it asks are fakes.
#   roots_lab.sh TOOLKIT FAKES ROOTS
set -uo pipefail
toolkit=$(realpath "$1")
fakes=$(realpath "$2")
mkdir -p "$3"
roots=$(realpath "$3")
here=$(dirname "$0")
# shellcheck source=tests/labs/roots/common.sh
. "$here/../../roots/common.sh"
failures=0

# What became of the probe of NVML, and how many GPUs are told of.
state_of() {
  local json
  json=$(cat)
  echo "$(grep -o '"name":"nvml","state":"[a-z ]*"' <<<"$json" | cut -d'"' -f8)" \
    "$(grep -o '"uuid":"GPU-fa4e[^"]*"' <<<"$json" | sort -u | wc -l)"
}

bring() { # bring ROOT
  rm -rf "$1/gpu"
  mkdir -p "$1/gpu" "$1/tmp" "$1/run" "$1/proc"
  cp "$toolkit" "$1/gpu/toolkit"
  cp -r "$fakes/550" "$1/gpu/fakes"
}

inside() { # inside ROOT [chroot's options]
  local root=$1
  shift
  env -i PATH="$PATH" LD_LIBRARY_PATH=/gpu/fakes chroot "$@" "$root" /gpu/toolkit check-gpu --json 2>/dev/null | state_of
}

# Under a PID namespace of its own, whose memory files may not be executed, and what SETUP mounts.
# shellcheck disable=SC2016  # for the shell inside
strict='
  root=$1
  eval "$2"
  mount -t proc proc "$root/proc"
  echo 2 >"$root/proc/sys/vm/memfd_noexec" || exit 77
  exec env -i PATH="$PATH" LD_LIBRARY_PATH=/gpu/fakes chroot "$root" /gpu/toolkit check-gpu --json
'
strictly() { # strictly ROOT SETUP
  unshare --mount --propagation private --pid --fork --kill-child bash -uc "$strict" _ "$1" "$2" 2>/dev/null |
    state_of
}

# shellcheck disable=SC2016  # for the shell inside
read_only='mount --bind "$root" "$root" && mount -o remount,bind,ro "$root"'
# shellcheck disable=SC2016
no_exec='mount -t tmpfs -o noexec none "$root/tmp"'

debian() {
  local root=$roots/$1
  echo "== $1"
  if ! make_root "$1" "$root" --foreign; then
    echo "  WRONG  no root of $1 could be made"
    failures=$((failures + 1))
    return
  fi
  bring "$root"
  check "NVML is asked" "$(inside "$root")" "done 8"
  check "as a user without rights" "$(inside "$root" --userspec=65534:65534)" "done 8"
  if [ ! -e /proc/sys/vm/memfd_noexec ]; then
    echo "  not done: this kernel lets every memory file be executed"
    return
  fi
  check "memory not executable: from /tmp" "$(strictly "$root" true)" "done 8"
  check "nor /tmp, root read-only: from /run" \
    "$(strictly "$root" "$read_only; $no_exec; mount -t tmpfs none \"\$root/run\"")" "done 8"
  check "nowhere at all" "$(strictly "$root" "$read_only; $no_exec")" "not started 0"
  check "nothing is left behind" "$(find "$root" -xdev -name '.toolkit-probe*' | wc -l)" 0
}

without_loader() { # without_loader NAME
  echo "== $1"
  bring "$roots/$1"
  check "NVML cannot be asked, and that is said" "$(inside "$roots/$1")" "no loader 0"
  local page
  page=$(env -i PATH="$PATH" chroot "$roots/$1" /gpu/toolkit check-gpu --explain probe.hung 2>/dev/null | wc -l)
  check "the rest works" "$((page > 0))" 1
}

reason=$(why_no_roots)
[ -z "$reason" ] || skip "$reason"
for suite in bullseye bookworm trixie; do
  debian "$suite"
done
rm -rf "$roots/empty"
mkdir -p "$roots/empty"
without_loader empty
loader=$(compgen -G '/lib/ld-musl-*.so.1' | head -n 1)
if [ -n "$loader" ]; then
  mkdir -p "$roots/musl/lib"
  cp -L "$loader" "$roots/musl/lib/"
  without_loader musl
else
  echo "musl: not done: the package musl is not installed"
  [ "${TOOLKIT_LABS:-}" = required ] && failures=$((failures + 1))
fi
[ "$failures" = 0 ]
