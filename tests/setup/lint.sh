#!/usr/bin/env bash
# Everything that can be judged without running it. The quick checks are tests too (see `lint.sh quick`);
# clang-tidy takes minutes.
#   lint.sh BUILD_FOLDER            all, with the compile commands of that folder
#   lint.sh quick format|shell|man  one quick check; 77 when its tool is missing
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

# What git knows or would take, without what is deleted.
files() {
  git ls-files --cached --others --exclude-standard -- "$@" | while read -r name; do
    if [ -f "$name" ]; then
      echo "$name"
    fi
  done
}

shell_scripts() {
  files '*.sh'
  files | xargs -r grep -lIE '^#!.*\b(ba|da)?sh$' -- | grep -v '\.sh$'
}

tool() {
  command -v "$1" >/dev/null || { echo "skipped: $1 is not installed"; exit 77; }
}

# Version 14 only: others lay some lines out differently.
format() {
  tool clang-format-14
  files '*.cpp' '*.hpp' | xargs -r clang-format-14 --dry-run -Werror
}

shell() {
  tool shellcheck
  shell_scripts | sort -u | xargs -r shellcheck -x
}

man() {
  tool mandoc
  local page status=0
  for page in $(files 'man/*.1'); do
    mandoc -T lint -W style "$page" || status=1
  done
  return "$status"
}

layering() { python3 tests/integration/layering_test.py .; }

tidy() {
  local found
  found=$(compgen -c run-clang-tidy- | sort -Vr | head -1)
  "${found:-run-clang-tidy}" -p "$1" -quiet "$PWD/(src/(?!thirdparty)|commands/|tests/(support|unit|integration)/)" \
    2>/dev/null | grep -vE '^$|^clang-tidy-|warnings generated|^\[ *[0-9]+/'
  return "${PIPESTATUS[0]}"
}

one() {
  case $1 in
    format) format ;;
    shell) shell ;;
    man) man ;;
    layering) layering ;;
    tidy) tidy "$2" ;;
    *) echo "lint.sh: no check $1" && return 2 ;;
  esac
}

all() {
  local check status wrong=0
  for check in format shell man layering tidy; do
    echo "== $check"
    (one "$check" "$1") # a process of its own, since a missing tool ends it
    status=$?
    [ "$status" = 0 ] || [ "$status" = 77 ] || wrong=1
  done
  [ "$wrong" = 0 ] && echo "lint: nothing to complain about"
  return "$wrong"
}

if [ "${1:-}" = quick ]; then
  one "${2:-}"
else
  all "${1:?a build folder}"
fi
