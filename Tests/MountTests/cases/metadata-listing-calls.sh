# ls -l of 2,000 machines is one listing and no call for each (M5).
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo:
    type: fake
    vms: 2000
Y
ls "$P/vms" > /dev/null
echo x > "$P/refresh"
reset_calls
is "$(ls -l "$P/vms" | tail -n +2 | wc -l)" 2000
cat "$P"/vms/*/status > /dev/null
at_most "$(all_calls)" 20 "$(cat "$P/.inject/calls")"
at_most "$(calls vm.list)" 4
at_most "$(calls vm.info)" 0
