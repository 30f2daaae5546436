#!/usr/bin/env bash
# A release as its users meet it: made twice with the same bytes, judged by lintian, its bill held against what was
# linked, put into Debian 11, 12 and 13 by their own dpkg and taken away again without a trace.
#   package_lab.sh BUILD ROOTS      FULL=1: the executable too is built again, in another folder and without a cache
set -uo pipefail
build=$(realpath "$1")
mkdir -p "$2"
roots=$(realpath "$2")
here=$(realpath "$(dirname "$0")")
tree=$(realpath "$here/../../..")
# shellcheck source=tests/labs/roots/common.sh
. "$here/../roots/common.sh"
failures=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

same_bytes() {
  echo "== made twice"
  "$tree/tests/setup/package/package.py" "$work/here" "$build" || return
  mkdir -p "$work/elsewhere/below"
  cp -r --preserve=links "$work/here" "$work/first"
  "$tree/tests/setup/package/package.py" "$work/elsewhere/below" "$build" >/dev/null
  check "the same bytes in another folder" "$(diff -r "$work/first" "$work/elsewhere/below" && echo same)" same
  check "the checksums" "$(cd "$work/here" && sha256sum -c --quiet SHA256SUMS 2>&1)" ""
}

# Minutes: what a second machine would build of this commit.
same_executable() {
  [ -n "${FULL:-}" ] || { echo "== the executable built twice: only with FULL=1"; return; }
  echo "== the executable built twice"
  git clone -q "$tree" "$work/clone" && cd "$work/clone" || return
  cmake --preset release -DTOOLKIT_TESTS=OFF -DCCACHE=OFF >/dev/null
  nice cmake --build build/release --target toolkit >"$work/build.log" 2>&1 || tail -n 5 "$work/build.log"
  cd "$tree" || return
  check "the same executable" "$(cmp "$work/clone/build/release/toolkit" "$build/toolkit" && echo same)" same
}

# A part that is left out is a failure where the labs are required.
installed() {
  command -v "$1" >/dev/null && return
  echo "  not done: $1 is not installed"
  [ "${TOOLKIT_LABS:-}" = required ] && failures=$((failures + 1))
  return 1
}

lint() {
  echo "== lintian"
  installed lintian || return
  check "nothing to say" "$(lintian --allow-root --fail-on error,warning --no-tag-display-limit "$work"/here/*.deb 2>&1 | grep '^[EWI]:')" ""
}

# Everything that man and the shells would look for, below USR.
reference() {
  local usr=$1 zsh=$2 found
  found=$(man -M "$usr/share/man" -w toolkit-run 2>/dev/null)
  check "man finds the page" "${found#"$usr/share/man/man1/toolkit-run.1"}" "${found:+.gz}"
  # shellcheck disable=SC2016  # for the shell inside
  found=$(XDG_DATA_DIRS="$usr/share" BASH_COMPLETION_USER_DIR=/nowhere bash -c \
    '. /usr/share/bash-completion/bash_completion; _completion_loader toolkit; complete -p toolkit' 2>&1)
  check "bash completes" "${found##* }" toolkit
  found=$(zsh -fc "fpath=($usr/share/zsh/$zsh \$fpath); autoload -Uz compinit && compinit -u -D; echo \$_comps[toolkit]" 2>&1)
  check "zsh completes" "$found" _toolkit
  found=$(XDG_DATA_DIRS="$usr/share" HOME="$work" PATH="$PATH:$usr/bin" fish -c 'complete -C "toolkit " | string match -r "^run"' 2>&1)
  check "fish completes" "$found" run
}

trace() {
  (cd "$1" && find . -path ./var/lib/dpkg -prune -o -path ./var/log -prune -o -print | sort)
}

# What a run that was killed has left in a kept root: of the package DEB, and in dpkg's records, which know no other
# package here.
clean() { # ROOT DEB
  local root=$1 records=$1/var/lib/dpkg path
  rm -rf "$root/toolkit.deb" "$records/info" "$records/updates" "$records/tmp.ci"
  mkdir -p "$records/info" "$records/updates"
  : >"$records/status"
  : >"$records/available"
  dpkg-deb --fsys-tarfile "$2" | tar -t | tac | while read -r path; do
    if [ -d "$root/$path" ]; then
      rmdir "$root/$path" 2>/dev/null # as dpkg does: what holds something else stays
    else
      rm -f "$root/$path" "$root/$path.dpkg-new" "$root/$path.dpkg-tmp"
    fi
  done
}

debian() {
  echo "== $1"
  make_root "$1" "$roots/$1" --foreign || { check "a root of $1" none made; return; }
  local root=$roots/$1 deb
  deb=$(echo "$work/here/"toolkit_*_"$(dpkg --print-architecture)".deb)
  clean "$root" "$deb"
  trace "$root" >"$work/before"
  cp "$deb" "$root/toolkit.deb"
  check "dpkg installs" "$(chroot "$root" /usr/bin/dpkg -i /toolkit.deb >"$work/dpkg" 2>&1; echo $?)" 0
  rm "$root/toolkit.deb"
  check "--version" "$(chroot "$root" /usr/bin/toolkit --version | cut -d ' ' -f 1)" toolkit
  check "dpkg --verify" "$(chroot "$root" /usr/bin/dpkg --verify toolkit 2>&1)" ""
  reference "$root/usr" vendor-completions
  check "dpkg removes" "$(chroot "$root" /usr/bin/dpkg --purge toolkit >"$work/dpkg" 2>&1; echo $?)" 0
  trace "$root" >"$work/after"
  check "nothing is left" "$(diff "$work/before" "$work/after")" ""
}

redhat() {
  echo "== rpm"
  installed rpm || return
  local root=$work/rpm force=()
  mkdir "$root"
  # Debian 12's patched rpm refuses to install without this word, which later ones do not know.
  rpm --force-debian --version >/dev/null 2>&1 && force=(--force-debian)
  check "rpm installs" "$(rpm "${force[@]}" --root "$root" --nodeps -i "$work/here/"*"$(uname -m).rpm" 2>&1; echo $?)" 0
  check "--version" "$("$root/usr/bin/toolkit" --version | cut -d ' ' -f 1)" toolkit
  check "rpm removes" "$(rpm "${force[@]}" --root "$root" --nodeps -e toolkit 2>&1; echo $?)" 0
  check "nothing is left" "$(find "$root/usr" -name '*toolkit*')" ""
}

same_bytes
same_executable
"$here/bill.py" "$build" "$work"/here/*"$(uname -m)".spdx.json "$work"/here/*"$(uname -m)".tar.gz || failures=$((failures + 1))
lint
redhat
reason=$(why_no_roots)
[ -z "$reason" ] || skip "$reason"
for suite in bullseye bookworm trixie; do
  debian "$suite"
done
[ "$failures" = 0 ]
