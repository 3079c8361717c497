# A hung provider delays no other, and not the root (X6).
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  a: {type: fake, vms: 5, timeout: 20s}
  b: {type: fake, vms: 5, timeout: 20s}
Y
P=$M/a
inject hang '*'
echo x > "$M/a/refresh" || true
cat "$M/a/vms/"*/status > /dev/null 2>&1 &
waiting=$!
cleanup() { kill $waiting 2> /dev/null; }
sleep 0.2
at_most "$(time_of ls "$M")" 500
at_most "$(time_of ls -l "$M/b/vms")" 1000
at_most "$(time_of cat "$M/b/overview")" 500
at_most "$(time_of cat "$M/README")" 500
vm=$(ls "$M/b/vms" | head -n 1)
at_most "$(time_of bash -c "echo changed > '$M/b/vms/$vm/description'")" 1000
is "$(cat "$M/b/vms/$vm/description")" changed
inject hang
