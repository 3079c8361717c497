# A provider that hangs from the start does not delay the mount: the first ls is there at once.
source "$LIB/case.sh"
start=$(milliseconds)
mount_config <<'Y'
providers:
  fast: {type: fake, vms: 5}
  slow: {type: fake, vms: 5, latency: 60000, timeout: 30s}
Y
ls "$M" > /dev/null
at_most $(($(milliseconds) - start)) 1500
is "$(ls "$M" | tr '\n' ' ')" "README fast slow "
at_most "$(time_of ls "$M/slow")" 1000
at_most "$(time_of cat "$M/slow/status")" 1000
is "$(ls "$M/fast/vms" | wc -l)" 5
