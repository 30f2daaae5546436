#!/usr/bin/env bash
# What Debian and Ubuntu machines need, by purpose, and the installing of what is missing.
#   packages.sh list  GROUP...   the names, one a line
#   packages.sh check GROUP...   prints what is missing; 1 if anything is
#   packages.sh need  GROUP...   installs what is missing, and says so
# Groups: build demo test torch lint package bench fuzz arm64
set -euo pipefail

# For this machine, where nothing else is said: the same name may be there for another one too.
is_installed() {
  local name
  for name in "$1" "$1:all" "$1:$(dpkg --print-architecture)"; do
    if [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ]; then
      return 0
    fi
  done
  return 1
}

# The version that apt would install; empty for a package that it does not know.
candidate() {
  LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p' | grep -v '(none)' || true
}

at_least() {
  dpkg --compare-versions "$1" ge "$2"
}

# Boost.Process v2 needs 1.81: the distribution's own version if it is new enough, else the numbered
# package beside an older default (Debian 12: 1.74 with 1.81 beside it). Headers are all it takes, also
# where Process has a compiled part (from 1.86 on; see src/process/process_v2.hpp).
boost() {
  local version
  version=$(candidate libboost-dev)
  if is_installed libboost1.81-dev || ! at_least "${version:-0}" 1.81; then
    echo libboost1.81-dev
  else
    echo libboost-dev
  fi
}

# The newest clang of the list that this distribution has.
clang() {
  local number
  for number in 19 18 17 16; do
    if [ -n "$(where_known "clang-$number")" ]; then
      echo "$number"
      return
    fi
  done
  echo 19
}

# For what not every distribution has.
where_known() {
  if is_installed "$1" || [ -n "$(candidate "$1")" ]; then
    echo "$1"
  fi
}

group() {
  case $1 in
    build)
      echo ca-certificates ccache cmake g++ git libc-ares-dev libcli11-dev libexpected-dev libfmt-dev \
        libpugixml-dev libspdlog-dev libssh-dev libssl-dev libxxhash-dev libzstd-dev make ninja-build nlohmann-json3-dev zlib1g-dev
      boost
      ;;
    demo) echo procps python3-minimal python3-numpy ;;
    test)
      group demo
      echo doctest-dev python3 python3-dotenv python3-jsonschema python3-yaml
      # What the integration tests and the labs hold us against.
      echo bash-completion zsh fish mandoc shellcheck strace util-linux iproute2 iptables file tini
      echo postgresql mariadb-server redis-server nginx-light openssl
      echo ceph-common ceph-mon ceph-osd radosgw
      echo logrotate openssh-client openssh-server rsync rclone sshfs
      echo mpich munge openmpi-bin slurm-client slurmctld slurmd
      echo podman crun conmon busybox-static debootstrap musl user-mode-linux
      group package
      echo lintian man-db
      where_known clang-format-14 # formatting is judged by one version
      ;;
    lint)
      echo "clang-tidy-$(clang) mandoc python3 shellcheck"
      where_known clang-format-14 # formatting is judged by one version
      ;;
    package) echo dpkg python3 rpm ;;
    bench)
      echo catatonit daemontools dumb-init moreutils python3 runit s6 slurm-client strace tini util-linux valgrind wait-for-it
      # sync: other programs that copy, and servers to copy to.
      echo ceph-common ceph-mon ceph-osd curl openssh-client openssh-server radosgw rclone rsync
      ;;
    torch) where_known python3-torch ;; # 637 MB: for two labs, which say so where it is missing
    fuzz) echo "clang-$(clang) libclang-rt-$(clang)-dev" ;;
    # Libraries of the other architecture: from Debian's mirrors; Ubuntu has them at ports.ubuntu.com only.
    arm64) echo g++-aarch64-linux-gnu libc-ares-dev:arm64 libpugixml-dev:arm64 libssh-dev:arm64 libssl-dev:arm64 qemu-user-static ;;
    *)
      echo "packages.sh: no group $1 (build demo test torch lint package bench fuzz arm64)" >&2
      exit 2
      ;;
  esac
}

list() {
  local name
  for name in "$@"; do
    group "$name"
  done | tr ' ' '\n' | sort -u
}

missing() {
  local name
  for name in $(list "$@"); do
    is_installed "$name" || echo "$name"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "packages.sh: this needs root: $*" >&2
    return 1
  fi
}

# apt knows no libssl-dev:arm64 until dpkg has been told that there is such an architecture.
add_architectures() {
  local name architecture
  for name in "$@"; do
    architecture=${name#*:}
    if [ "$architecture" != "$name" ] &&
      ! { dpkg --print-architecture && dpkg --print-foreign-architectures; } | grep -qx "$architecture"; then
      as_root dpkg --add-architecture "$architecture"
    fi
  done
}

# Servers are there for tests that start their own: installing one shall not start it. Debian asks this
# file, which only a machine that has settled the question already has.
without_services() {
  local policy=/usr/sbin/policy-rc.d
  [ ! -e "$policy" ] || return 0
  trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod +x "$policy"
}

need() {
  local names
  names=$(missing "$@")
  [ -n "$names" ] || return 0
  # shellcheck disable=SC2086  # one argument a name, here and below
  add_architectures $names
  # Without the package lists of today, not even the choice of a Boost version can be made.
  as_root apt-get update -qq
  names=$(missing "$@")
  [ -n "$names" ] || return 0
  # shellcheck disable=SC2086
  echo "Installing what is missing:" $names
  local words
  without_services
  # shellcheck disable=SC2086
  words=$(as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $names 2>&1) ||
    { echo "$words" | tail -n 20; return 1; }
}

action=${1:-}
[ $# -gt 0 ] && shift
case $action in
  list) list "$@" ;;
  check)
    names=$(missing "$@")
    [ -z "$names" ] || { echo "$names"; exit 1; }
    ;;
  need) need "$@" ;;
  *)
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
