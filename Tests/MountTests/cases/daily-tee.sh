# tee writes an attribute and reports its failure.
source "$LIB/case.sh"
mount_demo
is "$(echo 5 | tee "$P/vms/web3/cpus")" 5
is "$(cat "$P/vms/web3/cpus")" 5
refuses bash -c "echo rubbish | tee '$P/vms/web3/cpus' > /dev/null" 2> errors
has ': Invalid argument$' errors
is "$(cat "$P/vms/web3/cpus")" 5
echo more | tee -a "$P/vms/web3/metadata/notes" > /dev/null
is "$(cat "$P/vms/web3/metadata/notes")" more
