# .infrafs/metrics counts and times requests and calls, failures by their reason, and what is cached.
source "$LIB/case.sh"
mount_demo
ls -l "$P/vms" > /dev/null
inject error "vm.start busy"
expect EBUSY write "$P/vms/web3/status" up
inject error
echo up > "$P/vms/web3/status"
cat "$M/.infrafs/metrics" > metrics
value() { grep -v '^#' metrics | grep -F -- "$1 " | sed 's/.* //'; }
is "$(value 'infrafs_up{provider="demo"}')" 1
is "$(value 'infrafs_call_seconds_count{provider="demo",call="list vms"}')" 1
is "$(value 'infrafs_call_seconds_count{provider="demo",call="vm.start"}')" 2
is "$(value 'infrafs_call_failures_total{provider="demo",call="vm.start",code="busy"}')" 1
is "$(value 'infrafs_failures_total{provider="demo",errno="EBUSY"}')" 1
is "$(value 'infrafs_cached_resources{provider="demo",collection="vms"}')" 12
at_most "$(value 'infrafs_open_handles')" 5
at_most 1 "$(value 'infrafs_requests_total{operation="open"}')"
at_most 1 "$(value 'infrafs_request_seconds_count{operation="lookup"}')"
at_most 20 "$(value infrafs_known_nodes)"
# Each family has its type, and no sample is told twice.
is "$(grep -v '^#' metrics | sed 's/ [^ ]*$//' | sort | uniq -d)" ""
grep -v '^#' metrics | sed 's/[{ ].*//; s/_\(bucket\|sum\|count\)$//' | sort -u > used
awk '$1 == "#" && $2 == "TYPE" { print $3 }' metrics | sort -u | comm -13 - used | sed '/^$/d' > untyped
is "$(cat untyped)" ""
refuses grep -vE '^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [0-9.]+)$' metrics
