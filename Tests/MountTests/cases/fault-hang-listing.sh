# A listing that hangs holds up no write to what is known, and no neighbour; what has to wait says so by the deadline.
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo: {type: fake, timeout: 4s}
  near: {type: fake, vms: 5}
Y
cat "$P/vms/web3/info" > /dev/null
exec 3> "$P/vms/web3/memory"
inject hang 'vm.list!'
echo x > "$P/refresh"
start=$(milliseconds)
echo 3072 >&3
exec 3>&-
at_most $(($(milliseconds) - start)) 2000
at_most "$(time_of ls -l "$M/near/vms")" 1000
start=$(milliseconds)
expect ETIMEDOUT list "$P/vms"
at_most $(($(milliseconds) - start)) 6000
inject hang
within 5 reads "$P/vms/web3/memory" 3072
