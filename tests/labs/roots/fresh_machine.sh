#!/usr/bin/env bash
# A machine on which nothing was ever installed: a Debian root with make, git and this tree, in which one
# make target has to install, build and pass everything by itself.
#   fresh_machine.sh bookworm|trixie FOLDER [TARGET]    TARGET is demo by default
set -uo pipefail
suite=$1
mkdir -p "$2"
folder=$(realpath "$2")
target=${3:-demo}
here=$(realpath "$(dirname "$0")")
tree=$(realpath "$here/../../..")
# shellcheck source=tests/labs/roots/common.sh
. "$here/common.sh"

# What lets apt reach its archive here (proxy, certificates, name lookup) comes along; its settings for
# keeping files do not.
bring_network() {
  local root=$1 file
  cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null
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
  mkdir -p "$root/toolkit"
  (
    cd "$tree" || exit 1
    git ls-files --cached --others --exclude-standard | while read -r name; do
      [ -e "$name" ] && echo "$name"
    done | tar -T - -cf -
  ) | tar -C "$root/toolkit" -xf -
}

reason=$(why_no_roots)
[ -z "$reason" ] || skip "$reason"
make_root "$suite" "$folder/$suite-minbase" || exit 1
root=$folder/$suite-machine
rm -rf "$root"
cp -a "$folder/$suite-minbase" "$root"
bring_network "$root"
bring_sources "$root"
bring_tree "$root"

# The mounts live in a namespace of their own and go with it.
# shellcheck disable=SC2016  # for the shell inside
unshare --mount --propagation private bash -euc '
  root=$1
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --rbind /sys "$root/sys"
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive bash -euc "
      apt-get update -qq
      apt-get install -y -qq --no-install-recommends make git >/dev/null
      git config --global --add safe.directory /toolkit
      cd /toolkit
      [ -d .git ] || git init -q
      time make $2"
' _ "$root" "$target"
status=$?
echo "make $target on a fresh $suite: exit code $status"
[ "$status" = 0 ] && rm -rf "$root"
exit "$status"
