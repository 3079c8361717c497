# Each change made through the mount is a line of the audit: who, what, from and to (L11).
source "$LIB/case.sh"
mount_demo
echo up > "$P/vms/web3/status"
rmdir "$P"/vms/web3/snapshots/* 2> /dev/null || true
tail -n +1 "$M/.infrafs/audit" > audit
python3 - audit <<'Y'
import json, os, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
entries = [line for line in lines if "web3" in json.dumps(line)]
assert entries, lines
text = json.dumps(entries)
assert "vm.start" in text and '"uid": 0' in text and '"pid"' in text, text
Y
# From what to what, by which command, and what came of it; what the platform says of a refusal is there as it said it.
inject error "vm.memory quota-exceeded 1 too much, request 4711"
was=$(cat "$P/vms/web3/memory")
expect EDQUOT write "$P/vms/web3/memory" 7168
expect ok write "$P/vms/web3/memory" 7168
jq -c 'select(.path == "demo/vms/web3/memory") | [.uid, .command, .old, .new, .result, .error]' "$M/.infrafs/audit" > entries
is "$(wc -l < entries)" 2
is "$(jq -r '.[3]' entries | xargs)" "7168 7168"
is "$(jq -r '.[2]' entries | xargs)" "$was $was"
matches "$(jq -r '.[1]' entries | sort -u)" '(python3|fsop)'
has 4711 < <(head -n 1 entries)
refuses has 4711 < <(tail -n 1 entries)
differs "$(head -n 1 entries | jq -r '.[4]')" "$(tail -n 1 entries | jq -r '.[4]')"
