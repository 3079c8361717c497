# ls -l of 2,000 machines is one listing and no call for each (M5).
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo:
    type: fake
    vms: 2000
Y
# The counts begin with the mount: one listing serves all that follows.
is "$(ls -l "$P/vms" | tail -n +2 | wc -l)" 2000
is "$(cat "$P"/vms/*/status | wc -l)" 2000
find "$P/vms" -maxdepth 2 -type f > /dev/null
is "$(sort "$P/.inject/calls" | tr '\n' ' ')" "host.check 1 vm.list 1 "
# Asked anew: one more.
echo x > "$P/refresh"
is "$(ls -l "$P/vms" | tail -n +2 | wc -l)" 2000
cat "$P"/vms/*/memory > /dev/null
is "$(calls vm.list) $(calls vms.items) $(all_calls)" "2 0 3" "$(cat "$P/.inject/calls")"
