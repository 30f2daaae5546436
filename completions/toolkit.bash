# shellcheck shell=bash
# Completion of toolkit for bash, made by `toolkit completion bash`.
# Works without the bash-completion package; with it, a child command completes as it would alone.

# Sets `options` and `operands` to what COMMAND has; without a command, to what toolkit itself has.
_toolkit_command() { # COMMAND
  case "$1" in
    "")
      options="--version --config --show-config --log-level --log-format --color -v --verbose -q --quiet -h --help"
      operands="words run sync wait env check-gpu completion man help"
      ;;
    help) options="" operands="words run sync wait env check-gpu completion man exit-codes signals kubernetes slurm sagemaker" ;;
    run)
      options="--grace --stop-signal --signal-to --rewrite --timeout --notify --idle-timeout --idle-signal --heartbeat --drain --leftover --die-with-parent --die-like-child --own-cgroup --log --log-format --console --prefix --timestamps --utc --no-levels --fold --merge --pty --stall --log-max-size --log-max-age --log-keep --log-max-total --reopen-on-hup --restore --name --state-dir --pid-file --events --termination-log --failure-file --user --chdir --env --env-file --with-env --with-env-provider --with-env-nproc --umask --conda --detach --check-gpu --check-gpu-expect --check-gpu-timeout --wait --wait-timeout --sync --sync-filter --before --on-stop --after --restart --restart-delay --restart-max-delay --restart-codes --map-exit --config --show-config --log-level --color -v --verbose -q --quiet -h --help"
      operands="child"
      ;;
    sync)
      options="--include --exclude -f --filter --include-from --exclude-from -C --cvs-exclude -m --prune-empty-dirs --max-size --min-size --newer --links --growing --whole --explain --append -c --checksum --on-rewrite -n --dry-run --jobs --bwlimit --retries --retry-delay --min-free --timeout --follow --until --interval --max-lag --grace --status-file -e --rsh --identity --accept-new-host-key --endpoint-url --profile --region --ca-file --silence --state-dir --progress --stats --json -P --partial-progress -a --archive -r --recursive -t --times -p --perms -z --compress --inplace --partial --no-whole-file --config --show-config --log-level --log-format --color -v --verbose -q --quiet -h --help"
      operands="file"
      ;;
    wait)
      options="--timeout --any --all --for --interval --attempt-timeout --json --state-dir --ca-file --insecure --barrier --listen --join --config --show-config --log-level --log-format --color -v --verbose -q --quiet -h --help"
      operands="none"
      ;;
    env)
      options="--format --json --explain --all --show-secrets --provider --nproc --strict --check --probe --config --show-config --log-level --log-format --color -v --verbose -q --quiet -h --help"
      operands="child"
      ;;
    check-gpu)
      options="--json --explain --strict --expect --gdr --expect-rate --timeout --deep --scan --root --table --capture --replay --redact --config --show-config --log-level --log-format --color -v --verbose -q --quiet -h --help"
      operands="none"
      ;;
    completion)
      options="--config --show-config --log-level --log-format --color -v --verbose -q --quiet -h --help"
      operands="words bash zsh fish"
      ;;
    man)
      options="--config --show-config --log-level --log-format --color -v --verbose -q --quiet -h --help"
      operands="words run sync wait env check-gpu"
      ;;
    *) return 1 ;;
  esac
}

# Sets `takes` to the kind of value that OPTION wants; fails when it wants none.
_toolkit_takes() { # COMMAND OPTION
  case "$1 $2" in
    "run --grace" | "run --timeout" | "run --idle-timeout" | "run --drain" | "run --prefix" | \
      "run --fold" | "run --stall" | "run --log-max-size" | "run --log-max-age" | "run --log-keep" | \
      "run --log-max-total" | "run --name" | "run --env" | "run --with-env-provider" | \
      "run --with-env-nproc" | "run --umask" | "run --conda" | "run --check-gpu-expect" | \
      "run --check-gpu-timeout" | "run --wait" | "run --wait-timeout" | "run --sync" | \
      "run --sync-filter" | "run --restart-delay" | "run --restart-max-delay" | \
      "run --restart-codes" | "run --map-exit" | "sync --include" | "sync --exclude" | "sync -f" | \
      "sync --filter" | "sync --max-size" | "sync --min-size" | "sync --newer" | "sync --growing" | \
      "sync --whole" | "sync --explain" | "sync --jobs" | "sync --bwlimit" | "sync --retries" | \
      "sync --retry-delay" | "sync --min-free" | "sync --timeout" | "sync --until" | \
      "sync --interval" | "sync --max-lag" | "sync --grace" | "sync --endpoint-url" | \
      "sync --profile" | "sync --region" | "sync --silence" | "wait --timeout" | "wait --for" | \
      "wait --interval" | "wait --attempt-timeout" | "wait --barrier" | "wait --listen" | \
      "wait --join" | "env --explain" | "env --provider" | "env --nproc" | "check-gpu --explain" | \
      "check-gpu --expect" | "check-gpu --expect-rate" | "check-gpu --timeout" | "check-gpu --scan")
      takes="none"
      ;;
    "run --stop-signal" | "run --idle-signal")
      takes="signal"
      ;;
    "run --signal-to")
      takes="words group process tree"
      ;;
    "run --rewrite")
      takes="signal="
      ;;
    "run --notify")
      takes="signal@"
      ;;
    "run --heartbeat" | "run --log" | "run --pid-file" | "run --events" | "run --termination-log" | \
      "run --failure-file" | "run --env-file" | "sync --include-from" | "sync --exclude-from" | \
      "sync --status-file" | "sync --identity" | "sync --ca-file" | "wait --ca-file" | \
      "check-gpu --table" | "check-gpu --capture" | "check-gpu --replay")
      takes="file"
      ;;
    "run --leftover")
      takes="words kill stop leave"
      ;;
    "run --log-format")
      takes="words text json raw cri"
      ;;
    "run --console")
      takes="words raw prefixed none"
      ;;
    "run --timestamps")
      takes="words s ms us ns"
      ;;
    "run --restore")
      takes="words stdout stderr"
      ;;
    "run --state-dir" | "run --chdir" | "sync --state-dir" | "wait --state-dir" | "check-gpu --root")
      takes="directory"
      ;;
    "run --user")
      takes="user"
      ;;
    "run --before" | "run --on-stop" | "run --after" | "sync -e" | "sync --rsh")
      takes="command"
      ;;
    "run --restart")
      takes="words never on-failure always"
      ;;
    "sync --links")
      takes="words inside skip"
      ;;
    "sync --on-rewrite")
      takes="words keep replace fail"
      ;;
    "env --format")
      takes="words text json sh fish dotenv docker k8s"
      ;;
    "check-gpu --gdr")
      takes="words optional required"
      ;;
    *" --config")
      takes="file"
      ;;
    *" --log-level")
      takes="words debug info warn error off"
      ;;
    *" --log-format")
      takes="words text json"
      ;;
    *" --color")
      takes="words auto always never"
      ;;
    *) return 1 ;;
  esac
}

# readline cuts words at = and : too. Sets `words` to the words as typed, up to the cursor, and
# `starts` to where in COMP_WORDS each begins.
_toolkit_split() {
  local rest=${COMP_LINE:0:COMP_POINT} trimmed i piece
  for ((i = 0; i <= COMP_CWORD; i++)); do
    trimmed=${rest#"${rest%%[![:blank:]]*}"}
    piece=${COMP_WORDS[i]}
    ((i == COMP_CWORD)) && piece=$trimmed
    if ((i > 0)) && [[ $trimmed == "$rest" ]]; then
      words[${#words[@]} - 1]+=$piece
    else
      words+=("$piece")
      starts+=("$i")
    fi
    rest=${trimmed#"$piece"}
  done
}

# Offers the words of LIST that begin with VALUE, which stands behind BEFORE in the same word. Only what
# follows the last = or : may be offered, since readline replaces no more than that.
_toolkit_offer() { # BEFORE VALUE LIST
  local breaks=${COMP_WORDBREAKS//[!=:]/} full=$1$2 kept=""
  [[ -n $breaks && $full == *[$breaks]* ]] && kept=${full%"${full##*["$breaks"]}"}
  mapfile -t COMPREPLY < <(compgen -P "$1" -W "$3" -- "$2")
  COMPREPLY=("${COMPREPLY[@]#"$kept"}")
}

_toolkit_signal() { # BEFORE VALUE SEPARATOR
  local names="HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS RTMIN RTMAX"
  if [[ -z $3 ]]; then
    _toolkit_offer "$1" "$2" "$names"
  elif [[ $2 != *"$3"* ]]; then
    compopt -o nospace
    _toolkit_offer "$1" "$2" "${names// /"$3" }$3"
  elif [[ $3 == "=" ]]; then
    _toolkit_offer "$1${2%%=*}=" "${2#*=}" "$names"
  fi
}

_toolkit_user() { # BEFORE VALUE
  if [[ $2 == *:* ]]; then
    _toolkit_offer "$1${2%%:*}:" "${2#*:}" "$(compgen -g)"
  else
    _toolkit_offer "$1" "$2" "$(compgen -u)"
  fi
}

# readline's own completion of files knows quotes and tildes, so files and directories are left to it.
_toolkit_value() { # KIND BEFORE VALUE
  case "$1" in
    file) compopt -o default ;;
    directory) compopt -o dirnames ;;
    command) mapfile -t COMPREPLY < <(compgen -c -- "$3") ;;
    user) _toolkit_user "$2" "$3" ;;
    signal*) _toolkit_signal "$2" "$3" "${1#signal}" ;;
    words*) _toolkit_offer "$2" "$3" "${1#words }" ;;
  esac
}

# The child is a command line of its own, from COMP_WORDS[START] on.
_toolkit_child() { # START WORD
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  else
    compopt -o default
    ((COMP_CWORD > $1)) || mapfile -t COMPREPLY < <(compgen -c -- "$2")
  fi
}

_toolkit() {
  local IFS=$' \t\n' command="" options="" operands="" takes="" ended="" i
  local -a words=() starts=()
  COMPREPLY=()
  _toolkit_split
  local last=$((${#words[@]} - 1))
  local word=${words[last]}
  _toolkit_command ""

  for ((i = 1; i < last; i++)); do
    if [[ -z $ended && ${words[i]} == -- ]]; then
      ended=yes
    elif [[ -z $ended && ${words[i]} == -* ]]; then
      [[ ${words[i]} != *=* ]] && _toolkit_takes "$command" "${words[i]}" && ((++i == last)) &&
        { _toolkit_value "$takes" "" "$word"; return; }
    elif [[ -z $command ]]; then
      command=${words[i]}
      _toolkit_command "$command" || return
    elif [[ $operands == child ]]; then
      ended=yes
      break
    elif [[ $operands == words* ]]; then
      operands=none
    fi
  done

  if [[ $operands == child && (-n $ended || $word != -*) ]]; then
    _toolkit_child "${starts[i]}" "$word"
  elif [[ -z $ended && $word == --*=* ]]; then
    _toolkit_takes "$command" "${word%%=*}" && _toolkit_value "$takes" "${word%%=*}=" "${word#*=}"
  elif [[ -z $ended && $word == -* ]]; then
    _toolkit_offer "" "$word" "$options"
  else
    _toolkit_value "$operands" "" "$word"
  fi
}

complete -F _toolkit toolkit
