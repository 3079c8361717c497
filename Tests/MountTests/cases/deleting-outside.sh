# A machine that is deleted outside is ENOENT or ESTALE for who stands in it, and nothing hangs (C15).
source "$LIB/case.sh"
mount_demo
cd "$P/vms/web3"
cat status > /dev/null
inject outside "vm.delete web3"
within 2 bash -c "! test -e '$P/vms/web3'"
matches "$(timeout 5 "$LIB/fsop" read status)" '^(ENOENT|ESTALE)$'
matches "$(timeout 5 "$LIB/fsop" list .)" '^(ENOENT|ESTALE|ok)$'
cd "$T"
expect ENOENT read "$P/vms/web3/status"
