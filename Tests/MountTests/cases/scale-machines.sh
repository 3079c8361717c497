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
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$DAEMON/status"; }
# What was needed for a moment is given back within seconds.
is_small() { [ "$(resident)" -le $((60 * 1024)) ]; }
echo "resident: $(resident) KiB at once"
within 20 is_small
echo "resident: $(resident) KiB"
