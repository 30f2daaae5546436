#!/usr/bin/env bash
# A machine on which nothing was ever installed: a Debian root with make, git and this tree, in which make
# targets have to install, build and pass everything by themselves, and leave no process behind.
#   fresh_machine.sh bookworm|trixie FOLDER ["TARGET..."]    the only target is demo by default
# A machine on which one of them failed is kept; AGAIN=1 brings it today's tree and goes on with it.
set -uo pipefail
suite=$1
mkdir -p "$2"
folder=$(realpath "$2")
read -ra targets <<<"${3:-demo}"
here=$(realpath "$(dirname "$0")")
tree=$(realpath "$here/../../..")
# shellcheck source=tests/labs/roots/common.sh
. "$here/common.sh"

# What lets apt reach its archive here (proxy, certificates, name lookup) comes along; its settings for
# keeping files do not. Any machine knows its own name.
bring_network() {
  local root=$1 file
  cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null
  printf '127.0.0.1 localhost %s\n::1 localhost\n' "$(hostname)" >"$root/etc/hosts"
  for file in /etc/apt/apt.conf.d/*; do
    if grep -qiE 'Acquire::(http|https)' "$file"; then
      cp "$file" "$root/etc/apt/apt.conf.d/"
    fi
  done
  if [ -d /usr/local/share/ca-certificates ]; then
    mkdir -p "$root/usr/local/share/ca-certificates"
    cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
  fi
}

# debootstrap wrote the plain archive; updates and security are named as this machine names them.
bring_sources() {
  local root=$1 own
  own=$(. /etc/os-release && echo "$VERSION_CODENAME")
  # shellcheck disable=SC2016  # apt's variables
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    grep "$own" | sed "s/$own/$suite/" | sort -u >"$root/etc/apt/sources.list"
}

# A machine's tree: what is committed, and what is changed and not ignored.
bring_tree() {
  local root=$1 name
  mkdir -p "$root/home/toolkit"
  (
    cd "$tree" || exit 1
    git ls-files --cached --others --exclude-standard | while read -r name; do
      [ -e "$name" ] && echo "$name"
    done | tar -T - -cf -
  ) | tar -C "$root/home/toolkit" -xmf -
}

# A root of its own, not a chroot: in one, the kernel makes no user namespaces. PID 1 is the shell of the
# second part, so that nothing outlives it; what should be there with it at its end is itself only.
# shellcheck disable=SC2016  # for the shell inside
enter='
  root=$1
  shift
  mount --bind "$root" "$root"
  cd "$root"
  mount -t proc proc proc
  mount --rbind /dev dev
  mount -t tmpfs tmpfs dev/shm
  mount --rbind /sys sys
  mkdir -p mnt/outside
  pivot_root . mnt/outside
  umount -l mnt/outside
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 bash -euc "$@"
'
# shellcheck disable=SC2016
work='
  suite=$1
  shift
  [ -x /usr/bin/git ] || {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends make git >/dev/null
    git config --global --add safe.directory /home/toolkit
  }
  cd /home/toolkit
  [ -d .git ] || git init -q
  status=0
  for target in "$@"; do
    begin=$SECONDS
    make "$target" || status=$?
    echo "make $target on a fresh $suite: exit code $status, $((SECONDS - begin)) s"
    [ "$status" = 0 ] || exit "$status"
  done
  for process in /proc/[0-9]*; do
    [ "$process" = /proc/1 ] || { echo "left behind: $process" $(tr "\\0" " " <"$process/cmdline"); status=1; }
  done
  exit "$status"
'

reason=$(why_no_roots)
[ -z "$reason" ] || skip "$reason"
make_root "$suite" "$folder/$suite-minbase" || exit 1
root=$folder/$suite-machine
if [ -z "${AGAIN:-}" ]; then
  rm -rf "$root"
  cp -a "$folder/$suite-minbase" "$root"
  bring_network "$root"
  bring_sources "$root"
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/no-sync" # thrown away anyway: minutes less
fi
bring_tree "$root"
unshare --mount --propagation private --pid --fork --kill-child bash -euc "$enter" _ "$root" \
  "$work" _ "$suite" "${targets[@]}"
status=$?
[ "$status" = 0 ] && rm -rf "$root"
exit "$status"
