# shellcheck shell=bash
# Debian roots for the labs, from the mirror that this machine itself uses.

# The archive that apt here takes its own release from; empty where that is not Debian's.
debian_mirror() {
  local codename
  codename=$(. /etc/os-release && [ "$ID" = debian ] && echo "$VERSION_CODENAME") || return 0
  # shellcheck disable=SC2016  # apt's variables, not the shell's
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $codename" 2>/dev/null | head -n 1
}

why_no_roots() {
  if [ "$(id -u)" != 0 ]; then
    echo "making Debian roots needs root"
  elif ! command -v debootstrap >/dev/null; then
    echo "debootstrap is not installed"
  elif [ -z "$(debian_mirror)" ]; then
    echo "this machine does not use Debian's archive"
  fi
}

# A skip is a failure where the labs are required: 77 is ctest's skip.
skip() {
  echo "skipped: $*"
  [ "${TOOLKIT_LABS:-}" = required ] && exit 1
  exit 77
}

# make_root SUITE FOLDER [debootstrap options]: only once, and never half.
make_root() {
  local suite=$1 folder=$2
  shift 2
  [ -d "$folder" ] && return
  rm -rf "$folder.part"
  mkdir -p "$folder.part"
  if ! debootstrap --variant=minbase "$@" "$suite" "$folder.part" "$(debian_mirror)" >"$folder.log" 2>&1; then
    tail -n 3 "$folder.log"
    return 1
  fi
  mv "$folder.part" "$folder"
}

# Counts in the caller's `failures`.
check() { # check WHAT ACTUAL WANTED
  if [ "$2" = "$3" ]; then
    echo "  ok     $1"
  else
    echo "  WRONG  $1: is '$2', should be '$3'"
    failures=$((failures + 1))
  fi
}
