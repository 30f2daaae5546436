# Completion of toolkit for fish, made by `toolkit completion fish`.

# The options of COMMAND that take the next word, one a line.
function __toolkit_takes --argument-names command
    switch "$command"
        case ''
            string split ' ' -- '--config --log-level --log-format --color'
        case 'run'
            string split ' ' -- '--grace --stop-signal --signal-to --rewrite --timeout --notify --idle-timeout --idle-signal --heartbeat --drain --leftover --log --log-format --console --prefix --timestamps --fold --stall --log-max-size --log-max-age --log-keep --log-max-total --restore --name --state-dir --pid-file --events --termination-log --failure-file --user --chdir --env --env-file --with-env-provider --with-env-nproc --umask --conda --check-gpu-expect --check-gpu-timeout --wait --wait-timeout --sync --sync-filter --before --on-stop --after --restart --restart-delay --restart-max-delay --restart-codes --map-exit --config --log-level --color'
        case 'sync'
            string split ' ' -- '--include --exclude -f --filter --include-from --exclude-from --max-size --min-size --newer --links --growing --whole --explain --on-rewrite --jobs --bwlimit --retries --retry-delay --min-free --timeout --until --interval --max-lag --grace --status-file -e --rsh --identity --endpoint-url --profile --region --ca-file --silence --state-dir --config --log-level --log-format --color'
        case 'wait'
            string split ' ' -- '--timeout --for --interval --attempt-timeout --state-dir --ca-file --barrier --listen --join --config --log-level --log-format --color'
        case 'env'
            string split ' ' -- '--format --explain --provider --nproc --config --log-level --log-format --color'
        case 'check-gpu'
            string split ' ' -- '--explain --expect --gdr --expect-rate --timeout --scan --root --table --capture --replay --config --log-level --log-format --color'
        case 'completion'
            string split ' ' -- '--config --log-level --log-format --color'
        case 'man'
            string split ' ' -- '--config --log-level --log-format --color'
    end
end

# Reads the words before the cursor as toolkit does. Prints the command, how many operands it has so
# far, and, where a child command has begun, `child` and the child's words; NUL ends each.
function __toolkit_read
    set -l words (commandline -opc)
    set -e words[1]
    set -l command ''
    set -l operands 0
    while set -q words[1]
        set -l word $words[1]
        set -e words[1]
        switch $word
            case --
                contains -- "$command" run env
                and string join0 -- "$command" 0 child $words
                or string join0 -- "$command" $operands
                return
            case '-*=*'
            case '-*'
                contains -- $word (__toolkit_takes $command)
                and set -e words[1]
            case '*'
                if test -z "$command"
                    set command $word
                else if contains -- $command run env
                    string join0 -- $command 0 child $word $words
                    return
                else
                    set operands (math $operands + 1)
                end
        end
    end
    string join0 -- "$command" $operands
end

# Whether the cursor stands in COMMAND ('' for none yet), before any child command.
function __toolkit_at --argument-names command operands
    set -l state (__toolkit_read | string split0)
    test "$state[1]" = "$command"
    and not set -q state[3]
    and begin
        test -z "$operands"
        or test "$state[2]" = "$operands"
    end
end

# Whether the word at the cursor belongs to a child command, or may begin one.
function __toolkit_child
    set -l state (__toolkit_read | string split0)
    contains -- "$state[1]" run env
    and begin
        set -q state[3]
        or not string match -q -- '-*' (commandline -ct)
    end
end

# The child is a command line of its own.
function __toolkit_complete_child
    set -l state (__toolkit_read | string split0)
    complete -C (string join ' ' -- (string escape -- $state[4..]) (commandline -ct))
end

# The value at the cursor, without the --option= before it.
function __toolkit_value
    commandline -ct | string replace -r -- '^--[^=]*=' ''
end

# Signals; with a separator the word goes on behind it, with another signal if it is =.
function __toolkit_signals --argument-names separator
    set -l names HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS RTMIN RTMAX
    set -l value (__toolkit_value)
    if test -z "$separator"
        printf '%s\n' $names
    else if not string match -q -- "*$separator*" $value
        printf "%s$separator\n" $names
    else if test $separator = =
        printf "%s\n" (string split -m 1 = -- $value)[1]=$names
    end
end

function __toolkit_users
    set -l value (__toolkit_value)
    if string match -q -- '*:*' $value
        printf "%s\n" (string split -m 1 : -- $value)[1]:(__fish_complete_groups)
    else
        __fish_complete_users
    end
end

complete -c toolkit -f
complete -c toolkit -n __toolkit_child -x -a '(__toolkit_complete_child)'

complete -c toolkit -n '__toolkit_at ""' -l version -d 'Print the version'
complete -c toolkit -n '__toolkit_at ""' -l config -rF -d 'Read options from a TOML file'
complete -c toolkit -n '__toolkit_at ""' -l show-config -d 'Print each effective value and where it came from, then exit'
complete -c toolkit -n '__toolkit_at ""' -l log-level -x -a 'debug info warn error off' -d 'Least serious of our own messages to show'
complete -c toolkit -n '__toolkit_at ""' -l log-format -x -a 'text json' -d 'Form of our own messages'
complete -c toolkit -n '__toolkit_at ""' -l color -x -a 'auto always never' -d 'Colour in our own messages'
complete -c toolkit -n '__toolkit_at ""' -s v -l verbose -d 'Explain decisions, as --log-level debug'
complete -c toolkit -n '__toolkit_at ""' -s q -l quiet -d 'Only errors, as --log-level error'
complete -c toolkit -n '__toolkit_at ""' -s h -l help -d 'Show this help and exit'

# run
complete -c toolkit -n '__toolkit_at ""' -a run -d 'Supervise the training process'
complete -c toolkit -n '__toolkit_at run' -l grace -x -d 'Time between the stop signal and SIGKILL to the whole tree'
complete -c toolkit -n '__toolkit_at run' -l stop-signal -x -a '(__toolkit_signals)' -d 'Signal that asks the child to stop; by default the one that asked us'
complete -c toolkit -n '__toolkit_at run' -l signal-to -x -a 'group process tree' -d 'Who receives forwarded signals'
complete -c toolkit -n '__toolkit_at run' -l rewrite -x -a '(__toolkit_signals =)' -d 'Forward signal FROM as TO, names or numbers, TO 0 swallows it'
complete -c toolkit -n '__toolkit_at run' -l timeout -x -d 'Stop the child after this long and exit with 124, 0 for never'
complete -c toolkit -n '__toolkit_at run' -l notify -x -a '(__toolkit_signals @)' -d 'Send SIGNAL this long before --timeout stops the child'
complete -c toolkit -n '__toolkit_at run' -l idle-timeout -x -d 'Stop with 124 after this long with neither output nor CPU use, 0 for never'
complete -c toolkit -n '__toolkit_at run' -l idle-signal -x -a '(__toolkit_signals)' -d 'Signal sent to the idle child first, to make it print its stacks'
complete -c toolkit -n '__toolkit_at run' -l heartbeat -rF -d 'A newer modification time of FILE counts as activity'
complete -c toolkit -n '__toolkit_at run' -l drain -x -d 'Time for processes that outlive the child, and for pipes that they hold'
complete -c toolkit -n '__toolkit_at run' -l leftover -x -a 'kill stop leave' -d 'After the drain time: kill what is left, stop it with the grace, or leave it'
complete -c toolkit -n '__toolkit_at run' -l die-with-parent -d 'Stop the child when the process that started us dies'
complete -c toolkit -n '__toolkit_at run' -l die-like-child -d 'End by the child\'s own signal instead of 128+N, where we are not PID 1'
complete -c toolkit -n '__toolkit_at run' -l own-cgroup -d 'Put the child into a cgroup v2 of its own, to kill and judge it as one'
complete -c toolkit -n '__toolkit_at run' -l log -rF -d 'Log every line of the child into FILE, which may hold {name} {rank} {host} …'
complete -c toolkit -n '__toolkit_at run' -l log-format -x -a 'text json raw cri' -d 'Form of the log: text, json, raw bytes, or cri, which is reversible'
complete -c toolkit -n '__toolkit_at run' -l console -x -a 'raw prefixed none' -d 'How the child\'s output reaches our own'
complete -c toolkit -n '__toolkit_at run' -l prefix -x -d 'Word before the colon in stamped lines, may hold {name} {rank} …'
complete -c toolkit -n '__toolkit_at run' -l timestamps -x -a 's ms us ns' -d 'Precision of the stamps'
complete -c toolkit -n '__toolkit_at run' -l utc -d 'Stamp in UTC instead of local time'
complete -c toolkit -n '__toolkit_at run' -l no-levels -d 'Take levels from the stream alone, not from what the line says'
complete -c toolkit -n '__toolkit_at run' -l fold -x -d 'Log a progress bar\'s state at most this often, 0 for its end only'
complete -c toolkit -n '__toolkit_at run' -l merge -d 'Give the child one pipe for stdout and stderr, for exact order'
complete -c toolkit -n '__toolkit_at run' -l pty -d 'Give the child a terminal of its own'
complete -c toolkit -n '__toolkit_at run' -l stall -x -d 'How long a blocked console or log may hold the child back before bytes are dropped'
complete -c toolkit -n '__toolkit_at run' -l log-max-size -x -d 'Rotate the log at this size, 0 for never'
complete -c toolkit -n '__toolkit_at run' -l log-max-age -x -d 'Rotate the log at this age, 0 for never'
complete -c toolkit -n '__toolkit_at run' -l log-keep -x -d 'Rotated logs to keep'
complete -c toolkit -n '__toolkit_at run' -l log-max-total -x -d 'Size of all rotated logs together, 0 for no limit'
complete -c toolkit -n '__toolkit_at run' -l reopen-on-hup -d 'Open the log again on SIGHUP instead of forwarding it'
complete -c toolkit -n '__toolkit_at run' -l restore -x -a 'stdout stderr' -d 'Write the STREAM that a cri log holds to stdout; the operand is the log'
complete -c toolkit -n '__toolkit_at run' -l name -x -d 'Name of the job; keeps a job record that `toolkit wait` reads'
complete -c toolkit -n '__toolkit_at run' -l state-dir -x -a '(__fish_complete_directories (__toolkit_value))' -d 'Where job records live'
complete -c toolkit -n '__toolkit_at run' -l pid-file -rF -d 'Write the child\'s PID here while it lives'
complete -c toolkit -n '__toolkit_at run' -l events -rF -d 'Append one JSON object for each transition to FILE'
complete -c toolkit -n '__toolkit_at run' -l termination-log -rF -d 'Kubernetes termination message; empty for none, written by default where it exists'
complete -c toolkit -n '__toolkit_at run' -l failure-file -rF -d 'SageMaker failure reason; empty for none, written by default where /opt/ml/output exists'
complete -c toolkit -n '__toolkit_at run' -l user -x -a '(__toolkit_users)' -d 'Run the child as this user, by name or number'
complete -c toolkit -n '__toolkit_at run' -l chdir -x -a '(__fish_complete_directories (__toolkit_value))' -d 'Working directory of the child'
complete -c toolkit -n '__toolkit_at run' -l env -x -d 'Set a variable of the child; NAME alone keeps ours, or its absence'
complete -c toolkit -n '__toolkit_at run' -l env-file -rF -d 'Set variables of the child from a file'
complete -c toolkit -n '__toolkit_at run' -l with-env -d 'Set RANK, WORLD_SIZE, MASTER_ADDR and the like, see toolkit-env(1)'
complete -c toolkit -n '__toolkit_at run' -l with-env-provider -x -d 'For --with-env: believe this launcher or platform only'
complete -c toolkit -n '__toolkit_at run' -l with-env-nproc -x -d 'For --with-env: processes on each node, where nobody else says it'
complete -c toolkit -n '__toolkit_at run' -l umask -x -d 'File mode mask of the child, in octal'
complete -c toolkit -n '__toolkit_at run' -l conda -x -d 'Run in this conda environment, a name or a path'
complete -c toolkit -n '__toolkit_at run' -l detach -d 'Return when the child has started; print its name and PID'
complete -c toolkit -n '__toolkit_at run' -l check-gpu -d 'Start the child where its GPUs are fit, see toolkit-check-gpu(1); else end with 10 to 15'
complete -c toolkit -n '__toolkit_at run' -l check-gpu-expect -x -d 'For --check-gpu: GPUs that the child needs, 0 for none'
complete -c toolkit -n '__toolkit_at run' -l check-gpu-timeout -x -d 'For --check-gpu: time for the driver to answer, then it counts as hung'
complete -c toolkit -n '__toolkit_at run' -l wait -x -d 'Start the child when this is met, see toolkit-wait(1)'
complete -c toolkit -n '__toolkit_at run' -l wait-timeout -x -d 'Time for --wait, then exit with 124, 0 for never'
complete -c toolkit -n '__toolkit_at run' -l sync -x -d 'Upload while the child runs, and the rest when it is over, see toolkit-sync(1)'
complete -c toolkit -n '__toolkit_at run' -l sync-filter -x -d 'A filter rule for --sync: \'+ *.log\', \'- tmp/\''
complete -c toolkit -n '__toolkit_at run' -l before -x -a '(__fish_complete_command)' -d 'Run this first; the child starts only if it succeeds'
complete -c toolkit -n '__toolkit_at run' -l on-stop -x -a '(__fish_complete_command)' -d 'Run this when stopping begins, beside the stop signal'
complete -c toolkit -n '__toolkit_at run' -l after -x -a '(__fish_complete_command)' -d 'Run this when the child is over'
complete -c toolkit -n '__toolkit_at run' -l restart -x -a 'never on-failure always' -d 'Start the child again: never, on-failure[:N] or always[:N]'
complete -c toolkit -n '__toolkit_at run' -l restart-delay -x -d 'First delay before a restart; doubles each time'
complete -c toolkit -n '__toolkit_at run' -l restart-max-delay -x -d 'Longest delay before a restart'
complete -c toolkit -n '__toolkit_at run' -l restart-codes -x -d 'Exit codes that count as failures worth a restart, as 1-127,!2'
complete -c toolkit -n '__toolkit_at run' -l map-exit -x -d 'Exit with the second code where the child\'s is the first'
complete -c toolkit -n '__toolkit_at run' -l config -rF -d 'Read options from a TOML file'
complete -c toolkit -n '__toolkit_at run' -l show-config -d 'Print each effective value and where it came from, then exit'
complete -c toolkit -n '__toolkit_at run' -l log-level -x -a 'debug info warn error off' -d 'Least serious of our own messages to show'
complete -c toolkit -n '__toolkit_at run' -l color -x -a 'auto always never' -d 'Colour in our own messages'
complete -c toolkit -n '__toolkit_at run' -s v -l verbose -d 'Explain decisions, as --log-level debug'
complete -c toolkit -n '__toolkit_at run' -s q -l quiet -d 'Only errors, as --log-level error'
complete -c toolkit -n '__toolkit_at run' -s h -l help -d 'Show this help and exit'

# sync
complete -c toolkit -n '__toolkit_at ""' -a sync -d 'Bring growing files to a safe place'
complete -c toolkit -n '__toolkit_at sync' -l include -x -d 'Send what matches, rsync\'s rules'
complete -c toolkit -n '__toolkit_at sync' -l exclude -x -d 'Leave out what matches'
complete -c toolkit -n '__toolkit_at sync' -s f -l filter -x -d 'A filter rule of rsync: \'+ *.log\', \'- tmp/\', \': .rsync-filter\''
complete -c toolkit -n '__toolkit_at sync' -l include-from -rF -d 'Patterns to send, one a line'
complete -c toolkit -n '__toolkit_at sync' -l exclude-from -rF -d 'Patterns to leave out, one a line'
complete -c toolkit -n '__toolkit_at sync' -s C -l cvs-exclude -d 'Leave out what CVS would, behind all other rules: *.o, *~, .git/, .cvsignore'
complete -c toolkit -n '__toolkit_at sync' -s m -l prune-empty-dirs -d 'Make no directories in which no file would lie'
complete -c toolkit -n '__toolkit_at sync' -l max-size -x -d 'Leave out larger files'
complete -c toolkit -n '__toolkit_at sync' -l min-size -x -d 'Leave out smaller files'
complete -c toolkit -n '__toolkit_at sync' -l newer -x -d 'Leave out what was modified before a date, or longer ago than 2h'
complete -c toolkit -n '__toolkit_at sync' -l links -x -a 'inside skip' -d 'Follow symbolic links that stay inside SRC, or none'
complete -c toolkit -n '__toolkit_at sync' -l growing -x -d 'Files that are appended in place, instead of the usual logs'
complete -c toolkit -n '__toolkit_at sync' -l whole -x -d 'Files that are never appended in place, though their name says so'
complete -c toolkit -n '__toolkit_at sync' -l explain -x -d 'Name the rule that decides about a path below SRC, and do nothing'
complete -c toolkit -n '__toolkit_at sync' -l append -d 'Take every file as one that grows'
complete -c toolkit -n '__toolkit_at sync' -s c -l checksum -d 'Compare every byte, whatever sizes and times say'
complete -c toolkit -n '__toolkit_at sync' -l on-rewrite -x -a 'keep replace fail' -d 'What becomes of a grown file that its source does not continue'
complete -c toolkit -n '__toolkit_at sync' -s n -l dry-run -d 'Say what would be done with each file and why, and do nothing'
complete -c toolkit -n '__toolkit_at sync' -l jobs -x -d 'Transfers at once, if not what the place likes'
complete -c toolkit -n '__toolkit_at sync' -l bwlimit -x -d 'Bytes a second at most; a bare number counts KiB, 0 for no limit'
complete -c toolkit -n '__toolkit_at sync' -l retries -x -d 'Tries of each file after a failure that may pass'
complete -c toolkit -n '__toolkit_at sync' -l retry-delay -x -d 'Longest pause before the first of them; it doubles up to 30s'
complete -c toolkit -n '__toolkit_at sync' -l min-free -x -d 'Send nothing when less would stay free at DEST'
complete -c toolkit -n '__toolkit_at sync' -l timeout -x -d 'Give up after this long and exit with 124, 0 for never'
complete -c toolkit -n '__toolkit_at sync' -l follow -d 'Go on until a signal or --until, then send the rest'
complete -c toolkit -n '__toolkit_at sync' -l until -x -d 'Follow until this is met, as of `toolkit wait`: job:NAME, pid:N, file:PATH'
complete -c toolkit -n '__toolkit_at sync' -l interval -x -d 'Look at least so often, for file systems that send no events'
complete -c toolkit -n '__toolkit_at sync' -l max-lag -x -d 'After a change, wait so long for more before sending'
complete -c toolkit -n '__toolkit_at sync' -l grace -x -d 'Time for the last flush'
complete -c toolkit -n '__toolkit_at sync' -l status-file -rF -d 'Where the summary is written after each pass, for probes'
complete -c toolkit -n '__toolkit_at sync' -s e -l rsh -x -a '(__fish_complete_command)' -d 'The ssh to use, with its options, instead of the built-in one'
complete -c toolkit -n '__toolkit_at sync' -l identity -rF -d 'Private key for SSH'
complete -c toolkit -n '__toolkit_at sync' -l accept-new-host-key -d 'Trust an SSH host that was never seen before; never one whose key has changed'
complete -c toolkit -n '__toolkit_at sync' -l endpoint-url -x -d 'The S3 server, if not AWS_ENDPOINT_URL or Amazon\'s'
complete -c toolkit -n '__toolkit_at sync' -l profile -x -d 'Profile of the AWS configuration files'
complete -c toolkit -n '__toolkit_at sync' -l region -x -d 'Region of the bucket'
complete -c toolkit -n '__toolkit_at sync' -l ca-file -rF -d 'Certificates of the authorities that https trusts, instead of the system\'s'
complete -c toolkit -n '__toolkit_at sync' -l silence -x -d 'A server that says nothing for so long is given up'
complete -c toolkit -n '__toolkit_at sync' -l state-dir -x -a '(__fish_complete_directories (__toolkit_value))' -d 'Where job records and the journals of syncs live'
complete -c toolkit -n '__toolkit_at sync' -l progress -d 'Show how far it is and how long it takes'
complete -c toolkit -n '__toolkit_at sync' -l stats -d 'Print all counts at the end'
complete -c toolkit -n '__toolkit_at sync' -l json -d 'Print each event as one JSON object a line, the last one the summary'
complete -c toolkit -n '__toolkit_at sync' -s P -l partial-progress -d 'As --progress'
complete -c toolkit -n '__toolkit_at sync' -s a -l archive -d 'Done anyway'
complete -c toolkit -n '__toolkit_at sync' -s r -l recursive -d 'Done anyway'
complete -c toolkit -n '__toolkit_at sync' -s t -l times -d 'Done anyway'
complete -c toolkit -n '__toolkit_at sync' -s p -l perms -d 'Done anyway'
complete -c toolkit -n '__toolkit_at sync' -s z -l compress -d 'Taken and not needed'
complete -c toolkit -n '__toolkit_at sync' -l inplace -d 'Done anyway for files that grow'
complete -c toolkit -n '__toolkit_at sync' -l partial -d 'Done anyway'
complete -c toolkit -n '__toolkit_at sync' -l no-whole-file -d 'Done anyway for files that grow'
complete -c toolkit -n '__toolkit_at sync' -l config -rF -d 'Read options from a TOML file'
complete -c toolkit -n '__toolkit_at sync' -l show-config -d 'Print each effective value and where it came from, then exit'
complete -c toolkit -n '__toolkit_at sync' -l log-level -x -a 'debug info warn error off' -d 'Least serious of our own messages to show'
complete -c toolkit -n '__toolkit_at sync' -l log-format -x -a 'text json' -d 'Form of our own messages'
complete -c toolkit -n '__toolkit_at sync' -l color -x -a 'auto always never' -d 'Colour in our own messages'
complete -c toolkit -n '__toolkit_at sync' -s v -l verbose -d 'Explain decisions, as --log-level debug'
complete -c toolkit -n '__toolkit_at sync' -s q -l quiet -d 'Only errors, as --log-level error'
complete -c toolkit -n '__toolkit_at sync' -s h -l help -d 'Show this help and exit'
complete -c toolkit -n '__toolkit_at sync' -F

# wait
complete -c toolkit -n '__toolkit_at ""' -a wait -d 'Wait until something is ready, or over'
complete -c toolkit -n '__toolkit_at wait' -l timeout -x -d 'Give up after this long and exit with 124, 0 for never'
complete -c toolkit -n '__toolkit_at wait' -l any -d 'One condition is enough'
complete -c toolkit -n '__toolkit_at wait' -l all -d 'All conditions are needed, which is the default'
complete -c toolkit -n '__toolkit_at wait' -l for -x -d 'Each condition must hold this long without a break'
complete -c toolkit -n '__toolkit_at wait' -l interval -x -d 'Longest time between two tries of what sends no events; 40ms to 1s by kind'
complete -c toolkit -n '__toolkit_at wait' -l attempt-timeout -x -d 'Time for one try of one condition'
complete -c toolkit -n '__toolkit_at wait' -l json -d 'Print the result as one JSON object'
complete -c toolkit -n '__toolkit_at wait' -l state-dir -x -a '(__fish_complete_directories (__toolkit_value))' -d 'Where the records of jobs live, if not where `toolkit run` puts them'
complete -c toolkit -n '__toolkit_at wait' -l ca-file -rF -d 'Certificates of the authorities that https trusts, instead of the system\'s'
complete -c toolkit -n '__toolkit_at wait' -l insecure -d 'Let https accept any certificate'
complete -c toolkit -n '__toolkit_at wait' -l barrier -x -d 'Host a rendezvous of N, shells and PyTorch processes alike, until all have come and gone'
complete -c toolkit -n '__toolkit_at wait' -l listen -x -d 'Where --barrier listens'
complete -c toolkit -n '__toolkit_at wait' -l join -x -d 'Join the rendezvous there, and wait until all have'
complete -c toolkit -n '__toolkit_at wait' -l config -rF -d 'Read options from a TOML file'
complete -c toolkit -n '__toolkit_at wait' -l show-config -d 'Print each effective value and where it came from, then exit'
complete -c toolkit -n '__toolkit_at wait' -l log-level -x -a 'debug info warn error off' -d 'Least serious of our own messages to show'
complete -c toolkit -n '__toolkit_at wait' -l log-format -x -a 'text json' -d 'Form of our own messages'
complete -c toolkit -n '__toolkit_at wait' -l color -x -a 'auto always never' -d 'Colour in our own messages'
complete -c toolkit -n '__toolkit_at wait' -s v -l verbose -d 'Explain decisions, as --log-level debug'
complete -c toolkit -n '__toolkit_at wait' -s q -l quiet -d 'Only errors, as --log-level error'
complete -c toolkit -n '__toolkit_at wait' -s h -l help -d 'Show this help and exit'

# env
complete -c toolkit -n '__toolkit_at ""' -a env -d 'Tell what this process is in its cluster, and what it may use'
complete -c toolkit -n '__toolkit_at env' -l format -x -a 'text json sh fish dotenv docker k8s' -d 'For people, programs, or to be read by a shell, docker or Kubernetes'
complete -c toolkit -n '__toolkit_at env' -l json -d 'The same as --format json'
complete -c toolkit -n '__toolkit_at env' -l explain -x -d 'Say where this variable\'s value comes from'
complete -c toolkit -n '__toolkit_at env' -l all -d 'With sh, fish, dotenv, docker or k8s: the whole environment, not only what is made here'
complete -c toolkit -n '__toolkit_at env' -l show-secrets -d 'Show what is masked otherwise: tokens, keys, passwords'
complete -c toolkit -n '__toolkit_at env' -l provider -x -d 'Believe this launcher or platform only, one of those that the answer lists'
complete -c toolkit -n '__toolkit_at env' -l nproc -x -d 'Processes on each node, where nobody else says it'
complete -c toolkit -n '__toolkit_at env' -l strict -d 'Fail when sources contradict each other or the rank cannot be told'
complete -c toolkit -n '__toolkit_at env' -l check -d 'Print what is wrong here, and fail if anything is'
complete -c toolkit -n '__toolkit_at env' -l probe -d 'Let checks ask name servers and the master'
complete -c toolkit -n '__toolkit_at env' -l config -rF -d 'Read options from a TOML file'
complete -c toolkit -n '__toolkit_at env' -l show-config -d 'Print each effective value and where it came from, then exit'
complete -c toolkit -n '__toolkit_at env' -l log-level -x -a 'debug info warn error off' -d 'Least serious of our own messages to show'
complete -c toolkit -n '__toolkit_at env' -l log-format -x -a 'text json' -d 'Form of our own messages'
complete -c toolkit -n '__toolkit_at env' -l color -x -a 'auto always never' -d 'Colour in our own messages'
complete -c toolkit -n '__toolkit_at env' -s v -l verbose -d 'Explain decisions, as --log-level debug'
complete -c toolkit -n '__toolkit_at env' -s q -l quiet -d 'Only errors, as --log-level error'
complete -c toolkit -n '__toolkit_at env' -s h -l help -d 'Show this help and exit'

# check-gpu
complete -c toolkit -n '__toolkit_at ""' -a check-gpu -d 'Tell whether this container can train, and if not, why'
complete -c toolkit -n '__toolkit_at check-gpu' -l json -d 'One JSON object for programs'
complete -c toolkit -n '__toolkit_at check-gpu' -l explain -x -d 'Say what this check asks, how it judges and where that is from; `all` lists them'
complete -c toolkit -n '__toolkit_at check-gpu' -l strict -d 'Fail with 1 when there are warnings'
complete -c toolkit -n '__toolkit_at check-gpu' -l expect -x -d 'GPUs that the job needs, 0 for none'
complete -c toolkit -n '__toolkit_at check-gpu' -l gdr -x -a 'optional required' -d 'Whether adapters must reach GPU memory by themselves'
complete -c toolkit -n '__toolkit_at check-gpu' -l expect-rate -x -d 'Gbit/s that each active RDMA port must have, such as 400'
complete -c toolkit -n '__toolkit_at check-gpu' -l timeout -x -d 'Time for the driver to answer, then it counts as hung'
complete -c toolkit -n '__toolkit_at check-gpu' -l deep -d 'Also load the GPUs for some seconds: bandwidths, memory, arithmetic, links'
complete -c toolkit -n '__toolkit_at check-gpu' -l scan -x -d 'Time to look for GPU code in libraries, else until 100 ms after the start, 1s with --deep'
complete -c toolkit -n '__toolkit_at check-gpu' -l root -x -a '(__fish_complete_directories (__toolkit_value))' -d 'Look at /proc, /sys, /dev and the image below DIR'
complete -c toolkit -n '__toolkit_at check-gpu' -l table -rF -d 'Rows of CUDA, drivers and architectures that add to the built-in ones or correct them'
complete -c toolkit -n '__toolkit_at check-gpu' -l capture -rF -d 'Write what was seen to FILE, `-` for stdout in place of the answer'
complete -c toolkit -n '__toolkit_at check-gpu' -l replay -rF -d 'Judge a capture instead of this place'
complete -c toolkit -n '__toolkit_at check-gpu' -l redact -d 'Serials, UUIDs, addresses and names of hosts become placeholders'
complete -c toolkit -n '__toolkit_at check-gpu' -l config -rF -d 'Read options from a TOML file'
complete -c toolkit -n '__toolkit_at check-gpu' -l show-config -d 'Print each effective value and where it came from, then exit'
complete -c toolkit -n '__toolkit_at check-gpu' -l log-level -x -a 'debug info warn error off' -d 'Least serious of our own messages to show'
complete -c toolkit -n '__toolkit_at check-gpu' -l log-format -x -a 'text json' -d 'Form of our own messages'
complete -c toolkit -n '__toolkit_at check-gpu' -l color -x -a 'auto always never' -d 'Colour in our own messages'
complete -c toolkit -n '__toolkit_at check-gpu' -s v -l verbose -d 'Explain decisions, as --log-level debug'
complete -c toolkit -n '__toolkit_at check-gpu' -s q -l quiet -d 'Only errors, as --log-level error'
complete -c toolkit -n '__toolkit_at check-gpu' -s h -l help -d 'Show this help and exit'

# completion
complete -c toolkit -n '__toolkit_at ""' -a completion -d 'Print a completion script for bash, zsh or fish'
complete -c toolkit -n '__toolkit_at completion' -l config -rF -d 'Read options from a TOML file'
complete -c toolkit -n '__toolkit_at completion' -l show-config -d 'Print each effective value and where it came from, then exit'
complete -c toolkit -n '__toolkit_at completion' -l log-level -x -a 'debug info warn error off' -d 'Least serious of our own messages to show'
complete -c toolkit -n '__toolkit_at completion' -l log-format -x -a 'text json' -d 'Form of our own messages'
complete -c toolkit -n '__toolkit_at completion' -l color -x -a 'auto always never' -d 'Colour in our own messages'
complete -c toolkit -n '__toolkit_at completion' -s v -l verbose -d 'Explain decisions, as --log-level debug'
complete -c toolkit -n '__toolkit_at completion' -s q -l quiet -d 'Only errors, as --log-level error'
complete -c toolkit -n '__toolkit_at completion' -s h -l help -d 'Show this help and exit'
complete -c toolkit -n '__toolkit_at completion 0' -a 'bash zsh fish'

# man
complete -c toolkit -n '__toolkit_at ""' -a man -d 'Print a manual page'
complete -c toolkit -n '__toolkit_at man' -l config -rF -d 'Read options from a TOML file'
complete -c toolkit -n '__toolkit_at man' -l show-config -d 'Print each effective value and where it came from, then exit'
complete -c toolkit -n '__toolkit_at man' -l log-level -x -a 'debug info warn error off' -d 'Least serious of our own messages to show'
complete -c toolkit -n '__toolkit_at man' -l log-format -x -a 'text json' -d 'Form of our own messages'
complete -c toolkit -n '__toolkit_at man' -l color -x -a 'auto always never' -d 'Colour in our own messages'
complete -c toolkit -n '__toolkit_at man' -s v -l verbose -d 'Explain decisions, as --log-level debug'
complete -c toolkit -n '__toolkit_at man' -s q -l quiet -d 'Only errors, as --log-level error'
complete -c toolkit -n '__toolkit_at man' -s h -l help -d 'Show this help and exit'
complete -c toolkit -n '__toolkit_at man 0' -a 'run sync wait env check-gpu'

# help
complete -c toolkit -n '__toolkit_at ""' -a help -d 'Explain a command or topic'
complete -c toolkit -n '__toolkit_at help 0' -a 'run sync wait env check-gpu completion man exit-codes signals kubernetes slurm sagemaker'
