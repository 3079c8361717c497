# A machine that is deleted outside is ENOENT for who stands in it, and nothing hangs (C15).
source "$LIB/case.sh"
mount_demo
cd "$P/vms/web3"
cat status > /dev/null
inject outside "vm.delete web3"
within 2 bash -c "! test -e '$P/vms/web3'"
for way in 'read status' 'stat status' 'write status up' 'list .' 'create .x.tmp' 'mkdir disks/new'; do
    # shellcheck disable=SC2086
    is "$way: $(timeout 5 "$LIB/fsop" $way)" "$way: ENOENT"
done
cd "$T"
expect ENOENT read "$P/vms/web3/status"
