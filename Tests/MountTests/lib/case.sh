# Sourced by each case: a mount of its own, assertions, and an end that leaves nothing behind.
# shellcheck shell=bash disable=SC2034
#
# Given by the runner: INFRAFS (the program), WORK (an empty directory), LIB (this directory), ROOT (the repository).
# A plain command is an assertion: one that fails ends the case with its line.
set -Eeuo pipefail
shopt -s inherit_errexit
trap 'echo "line $LINENO: \`${BASH_COMMAND%%$'"'\\n'"'*}\` failed" >&2' ERR
trap 'exit 143' TERM
trap finish EXIT

export LC_ALL=C.UTF-8
# The system's own tools.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
export HOME=$WORK/home XDG_STATE_HOME=$WORK/state XDG_CONFIG_HOME=$WORK/config XDG_RUNTIME_DIR=$WORK/run
mkdir -p "$HOME" "$XDG_STATE_HOME" "$XDG_CONFIG_HOME" "$XDG_RUNTIME_DIR" "$WORK/mnt" "$WORK/tmp"
M=$WORK/mnt
P=$M/demo
LOG=$WORK/log
T=$WORK/tmp
DAEMON=
ALLOWED=
ENDS=()
cd "$T"

# The words are kept too: the standard error of an assertion may be a file that the case reads.
fail() { echo "$*" | tee "$WORK/failed" >&2; exit 1; }
is() { [ "$1" = "$2" ] || fail "line ${BASH_LINENO[0]}: '$1', expected '$2'${3:+: $3}"; }
differs() { [ "$1" != "$2" ] || fail "line ${BASH_LINENO[0]}: '$1' on both sides${3:+: $3}"; }
matches() { [[ $1 =~ $2 ]] || fail "line ${BASH_LINENO[0]}: '$1' does not match '$2'"; }
refuses() { if "$@"; then fail "line ${BASH_LINENO[0]}: '$*' succeeded"; fi; }
at_most() { [ "$1" -le "$2" ] || fail "line ${BASH_LINENO[0]}: $1 is more than $2${3:+: $3}"; }

# Performs one operation and prints `ok` or the name of the errno.
fsop() { "$LIB/fsop" "$@"; }
expect() {
    local want=$1 got
    shift
    got=$(fsop "$@")
    [ "$got" = "$want" ] || fail "line ${BASH_LINENO[0]}: $*: $got, expected $want"
}

# within SECONDS COMMAND...: until it succeeds.
within() {
    local end=$(($(milliseconds) + $1 * 1000)) seconds=$1
    shift
    # In a shell of its own: what fails in there is tried again.
    until ("$@") > /dev/null 2>&1; do
        [ "$(milliseconds)" -lt "$end" ] || fail "line ${BASH_LINENO[0]}: not within $seconds s: $*"
        sleep 0.02
    done
}
milliseconds() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }
# How many milliseconds a command takes, whatever it answers.
time_of() {
    local start
    start=$(milliseconds)
    "$@" > /dev/null 2>&1 || true
    echo $(($(milliseconds) - start))
}
reads() { [ "$(cat "$1")" = "$2" ]; }
# grep -q would end the pipe early, which fails the command before it.
has() { grep "$@" > /dev/null; }
is_gone() { ! kill -0 "$1" 2> /dev/null; }

# Mounts in the foreground of a job of ours, whose pid is DAEMON; arguments are those of `infrafs mount`.
mount_with() {
    : > "$LOG"
    "$INFRAFS" mount -f --log-file "$LOG" "$@" "$M" > "$WORK/out" 2>&1 < /dev/null &
    DAEMON=$!
    local end=$(($(milliseconds) + 20000))
    until [ -e "$M/README" ]; do
        if is_gone "$DAEMON"; then cat "$WORK/out" "$LOG" >&2; fail "the mount ended"; fi
        [ "$(milliseconds)" -lt "$end" ] || fail "no mount after 20 s"
        sleep 0.02
    done
}
mount_demo() { mount_with --demo "$@"; }
# The configuration is the standard input.
mount_config() {
    mkdir -p "$XDG_CONFIG_HOME/infrafs"
    (umask 077; cat > "$XDG_CONFIG_HOME/infrafs/config.yaml")
    mount_with "$@"
}
unmount() {
    umount "$M"
    await_end
}
await_end() {
    local end=$(($(milliseconds) + 10000))
    until is_gone "$DAEMON"; do
        [ "$(milliseconds)" -lt "$end" ] || fail "the daemon goes on 10 s after the mount ended"
        sleep 0.02
    done
    wait "$DAEMON" 2> /dev/null || true
    DAEMON=
}

# Ends the daemon as nothing else does; what it leaves is still mounted.
kill_daemon() {
    kill -KILL "$DAEMON"
    within 10 is_gone "$DAEMON"
    wait "$DAEMON" 2> /dev/null || true
    DAEMON=
}
# Makes $RANDOM repeat itself with KILL_SEED, which is printed.
seed() {
    local seed=${KILL_SEED:-$RANDOM}
    echo "seed $seed"
    RANDOM=$seed
}

# The fake provider's faults and counts; the provider is the one at P.
inject() { printf '%s\n' "${2-}" > "$P/.inject/$1"; }
clear_fault() { : > "$T/.none"; printf '\n' > "$P/.inject/$1"; }
reset_calls() { echo 0 > "$P/.inject/calls"; }
# calls NAME: how often it was called since the last reset.
calls() { awk -v name="$1" '$1 == name { n = $2 } END { print n + 0 }' "$P/.inject/calls"; }
# Every call that was made, but for the reading of what is there.
changes() { awk '$1 !~ /\.(list|check|info|detail|read|items|events)$/ { n += $2 } END { print n + 0 }' "$P/.inject/calls"; }
all_calls() { awk '{ n += $2 } END { print n + 0 }' "$P/.inject/calls"; }
# Starts or stops nothing: waits until a machine is in a state.
await_status() { within "${3:-10}" reads "$P/vms/$1/status" "$2"; }

# Every byte and every fact of what is below a directory, by default the provider's: name, inode, mode, size, time and
# content of each, but for the bulk content and the journals.
whole() {
    (cd "${1:-$P}" && find . \( -name data -o -name events -o -name errors -o -path ./buckets \) -prune -o \
        -printf '%p %y %i %m %s %T@\n' | sort
     cd "${1:-$P}" && find . \( -name data -o -name events -o -name errors -o -path ./buckets \) -prune -o \
        -type f -print0 | sort -z | xargs -0 sha256sum)
}

# at_end COMMAND: run when the case ends, however it does; the last one first.
at_end() { ENDS+=("$1"); }

# An error line of the log fails a case that does not name it.
allow_errors() { ALLOWED=${ALLOWED:+$ALLOWED|}$1; }
unexpected_errors() {
    [ -f "$LOG" ] || return 0
    grep -E '^[^ ]+ (error|critical) ' "$LOG" | { if [ -n "$ALLOWED" ]; then grep -vE "$ALLOWED"; else cat; fi; } || true
}

finish() {
    local status=$?
    trap - ERR EXIT
    set +e
    cd /
    exec 3<&- 3>&-
    local count
    for ((count = ${#ENDS[@]} - 1; count >= 0; count--)); do eval "${ENDS[count]}"; done
    local place
    for place in $(findmnt -rno TARGET | grep "^$WORK/" | sort -r); do
        fusermount3 -u "$place" 2> /dev/null || umount "$place" 2> /dev/null || umount -l "$place"
    done
    if [ -n "$DAEMON" ]; then
        count=0
        until is_gone "$DAEMON" || [ $((count += 1)) -gt 250 ]; do sleep 0.02; done
        if ! is_gone "$DAEMON"; then
            echo "the daemon went on 5 s after the mount ended" >&2
            kill -KILL "$DAEMON"
            [ $status -ne 0 ] || status=1
        fi
    fi
    local lines
    lines=$(unexpected_errors)
    if [ $status -eq 0 ] && [ -n "$lines" ]; then
        printf 'unexpected errors in the log:\n%s\n' "$lines" >&2
        status=1
    fi
    if [ $status -ne 0 ] && [ -s "$WORK/failed" ]; then echo "failed: $(cat "$WORK/failed")" >&2; fi
    if [ $status -ne 0 ] && [ -s "$LOG" ]; then
        echo "the log ends:" >&2
        tail -n 6 "$LOG" >&2
    fi
    exit $status
}
