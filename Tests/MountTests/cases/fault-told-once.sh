# Each failed operation gives its errno within the deadline, and .error, errors, audit and the log tell why, once each.
source "$LIB/case.sh"
allow_errors never
mount_config <<'Y'
providers:
  demo: {type: fake, timeout: 2s}
Y
ls "$P/vms" > /dev/null
turn=0
# count TEXT: how many lines of the input have it.
count() { awk -v text="$1" 'index($0, text) { n += 1 } END { print n + 0 }'; }
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

# hangs CALL COMMAND...: one that does not come back is told once as well; a look is no change, which the audit has none of.
hangs() {
    local call=$1 path=${3#"$M/"} audited=1
    shift
    case $1 in read | list | stat) audited=0 ;; esac
    if [ $audited -eq 0 ]; then
        inject hang "$call! vms.items"
        echo x > "$P/refresh"
        sleep 0.3
    else
        inject hang "$call!"
    fi
    expect ETIMEDOUT "$@"
    inject hang
    is "$(count " $path ETIMEDOUT " < "$P/errors")" 1 "errors: $path"
    is "$(grep 'request failed errno=ETIMEDOUT' "$LOG" | count " path=$path ")" 1 "log: $path"
    is "$(sed -n '/timed out/p' "$M/.infrafs/audit" | count "\"path\":\"$path\"")" $audited "audit: $path"
    "$INFRAFS" why "$M/$path" | has 'no answer within 2 s'
    # Until it is known again.
    within 10 cat "$P/vms/web3/info" "$P/networks/office/info" > /dev/null
}
hangs vm.start write "$P/vms/web3/status" up
hangs vm.memory write "$P/vms/web3/memory" 5555
hangs vm.create mkdir "$P/vms/slow"
hangs network.update write "$P/networks/office/domain" example.net
hangs vm.list list "$P/vms"
hangs network.list list "$P/networks"
within 5 grep -q 'no answer within 2 s' "$P/vms/web3/.error"

# apart FILE WORD: no two lines with it are of the same two seconds; each begins with its time.
apart() {
    python3 - "$@" <<'Y'
import datetime, sys
lines = [line for line in open(sys.argv[1]) if sys.argv[2] in line]
times = [datetime.datetime.fromisoformat(line.split()[0].rstrip("Z")).timestamp() for line in lines]
assert lines and all(after - before > 1.9 for before, after in zip(times, times[1:])), "".join(lines)
Y
}
# fails CALL COMMAND...: a look that fails, and a hundred that fail in the same way at once.
fails() {
    local call=$1 word=word$((turn += 1))
    shift
    inject error "$call failed 9999 the reason is $word"
    echo x > "$P/refresh"
    expect EIO "$@"
    python3 - "$P/${call%%.*}s" "$P/vms/web3" "$P/networks/office" <<'Y'
import errno, os, sys, threading, time
collection, one = sys.argv[1], sys.argv[2] if sys.argv[1].endswith("/vms") else sys.argv[3]
looks = [lambda: os.listdir(collection), lambda: os.stat(one + "/info"), lambda: open(one + "/info.json").read(),
         lambda: os.stat(collection + "/other"), lambda: os.listdir(one)]
said = []
def read(look):
    # The kernel hears of it a moment later.
    for _ in range(1000):
        try:
            look()
            time.sleep(0.01)
        except OSError as error:
            said.append(error.errno)
            return
readers = [threading.Thread(target=read, args=(looks[number % len(looks)],)) for number in range(100)]
for reader in readers: reader.start()
for reader in readers: reader.join()
assert set(said) == {errno.EIO} and len(said) == 100, (set(said), len(said))
Y
    inject error
    grep -q "$word" "$P/errors"
    # Whatever it was looked by (opendir, lookup, ...) it is one line, or where the machine is busy one for each two seconds.
    apart "$P/errors" "$word"
    grep 'request failed' "$LOG" > lines
    apart lines "$word"
    is "$(count "$word" < "$M/.infrafs/audit")" 0 "audit: $*"
    within 10 cat "$P/vms/web3/info" "$P/networks/office/info" > /dev/null
}
fails 'vm.*' list "$P/vms"
fails 'network.*' list "$P/networks"
fails 'vm.*' read "$P/overview"
