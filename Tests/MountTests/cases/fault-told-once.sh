# Each failed operation gives its errno within the deadline, and .error, errors, audit and the log tell why, once each.
source "$LIB/case.sh"
allow_errors never
mount_config <<'Y'
providers:
  demo: {type: fake, timeout: 2s}
Y
ls "$P/vms" > /dev/null
turn=0
# told FAULT ERRNO COMMAND...: the fault has words of its own to look for.
told() {
    local code=$1 want=$2 word=word$((turn += 1)) start
    shift 2
    inject error "* $code 99 the reason is $word"
    start=$(milliseconds)
    expect "$want" "$@"
    at_most $(($(milliseconds) - start)) 4000 "$*"
    inject error
    is "$(grep -c "$word" "$P/errors")" 1 "errors: $word"
    is "$(grep 'request failed' "$LOG" | grep -c "$word")" 1 "log: $word"
    is "$(grep -c "$word" "$M/.infrafs/audit")" 1 "audit: $word"
    # A machine that cannot be looked at has no .error either; what failed is asked for again after a second.
    [ "$1" = mkdir ] || within 5 grep -q "$word" "$P/vms/web3/.error"
}
told forbidden EACCES write "$P/vms/web3/memory" 3333
told busy EBUSY write "$P/vms/web3/status" up
told quota-exceeded EDQUOT write "$P/vms/web3/cpus" 7
told no-space ENOSPC write "$P/vms/web3/description" text
told malformed-reply EIO write "$P/vms/web3/name" renamed
told failed EIO rename "$P/vms/web3" "$P/vms/other"
told unreachable EHOSTUNREACH rmdir "$P/vms/web3"
told quota-exceeded EDQUOT mkdir "$P/vms/new"
told throttled EAGAIN write "$P/vms/web3/memory" 3334
is "$(cat "$P/vms/web3/name")" web3
