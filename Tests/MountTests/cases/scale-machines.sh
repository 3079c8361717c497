# Ten thousand machines: complete listings and bounded memory (X10).
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo: {type: fake, vms: 10000}
Y
is "$(timeout 20 ls -U "$P/vms" | wc -l)" 10000
reset_calls
is "$(timeout 50 ls -l "$P/vms" | tail -n +2 | wc -l)" 10000
at_most "$(calls vm.list)" 4
rss=$(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$DAEMON/status")
echo "resident: $rss MB"
at_most "$rss" 400 "MB resident"
