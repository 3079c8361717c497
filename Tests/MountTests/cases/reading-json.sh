# info.json is JSON, info is YAML, and their keys are the files beside them (R9).
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web1
jq -e . "$vm/info.json" > /dev/null
is "$(jq -r .memory "$vm/info.json")" "$(cat "$vm/memory")"
jq -r 'keys[]' "$vm/info.json" | while read -r key; do test -e "$vm/$key" || fail "no file $key"; done
is "$(jq -r .status "$vm/info.json")" "$(sed -n 's/^status: //p' "$vm/info")"
jq -e . "$P/host/info.json" > /dev/null 2>&1 || test -s "$P/host/info"
