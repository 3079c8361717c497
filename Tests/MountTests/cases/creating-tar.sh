# tar extracted over a machine ends, without an endless loop (C8).
source "$LIB/case.sh"
mount_demo
memory=$(cat "$P/vms/web3/memory")
tar -C "$P/vms" --exclude=data -cf vm.tar web3
echo 1024 > "$P/vms/web3/memory"
# extracted ARCHIVE [OPTIONS]: tar ends by itself with 2; its errors but for the last line are in `errors`, by name.
extracted() {
    local status=0
    timeout 60 tar -C "$P/vms" "${@:2}" -xf "$1" 2> said || status=$?
    is "$status $(tail -n 1 said)" "2 tar: Exiting with failure status due to previous errors"
    head -n -1 said | sort > errors
}
# Facts that cannot be set are told one by one; what can be set is, by one call, and the rest is as it was.
reset_calls
extracted vm.tar
is "$(grep -vc ': Cannot open: Operation not permitted$' errors)" 0 "$(cat errors)"
sed 's#^tar: web3/##; s#: .*##' errors > names
for name in id ip image creation_date info info.json raw_status disks/vda/path; do has -x "$name" names; done
for name in memory cpus status name description metadata/plan nics/eth0/network disks/vda/size; do
    refuses has -x "$name" names
done
is "$(calls vm.memory) $(changes)" "1 1" "$(cat "$P/.inject/calls")"
is "$(cat "$P/vms/web3/memory")" "$memory"
is "$(cat "$P/vms/web3/status")" down

# A running machine's files cannot be removed first, which is what tar does: nothing is changed.
tar -C "$P/vms" --exclude=data -cf running.tar web1
whole > before
reset_calls
extracted running.tar
is "$(grep -vc ': Cannot open: File exists$' errors)" 0 "$(cat errors)"
is "$(changes)" 0 "$(cat "$P/.inject/calls")"
echo x > "$P/refresh"
whole | diff before -

# A new name is a machine from the default profile at its first directory, and it runs.
tar -C "$P/vms" --exclude=data --exclude=metadata --transform 's/^web3/fresh/' -cf fresh.tar web3
extracted fresh.tar
is "$(grep -vc '^tar: fresh/.*: Cannot open: File exists$' errors)" 0 "$(cat errors)"
await_status fresh up

# Into a draft it is a restore.
mkdir "$P/drafts/vms/restored"
tar -C "$P/drafts/vms/restored" --strip-components=1 -xf vm.tar
mv "$P/drafts/vms/restored" "$P/vms/"
is "$(cat "$P/vms/restored/memory") $(cat "$P/vms/restored/description")" "$memory $(cat "$P/vms/web3/description")"
