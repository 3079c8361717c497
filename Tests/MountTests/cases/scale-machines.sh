# Ten thousand machines: complete listings and bounded memory (X10).
# Limit: 180 s
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo: {type: fake, vms: 10000}
Y
is "$(timeout 20 ls -U "$P/vms" | wc -l)" 10000
is "$(timeout 50 ls -l "$P/vms" | tail -n +2 | wc -l)" 10000
is "$(timeout 50 cat "$P"/vms/*/status | wc -l)" 10000
is "$(sort "$P/.inject/calls" | tr '\n' ' ')" "host.check 1 vm.list 1 "
rss=$(awk '/^VmRSS/ { print $2 }' "/proc/$DAEMON/status")
echo "resident: $rss KiB"
at_most "$rss" $((60 * 1024)) "KiB resident"
