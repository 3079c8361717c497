# A draft is nothing until it is moved; then it is the machine, with all that was set, by one call.
source "$LIB/case.sh"
mount_demo
draft=$P/drafts/vms/app1
reset_calls
mkdir "$draft"
is "$(ls -A "$draft")" ""
echo 3072 > "$draft/memory"
echo 3 > "$draft/cpus"
echo debian-12 > "$draft/image"
echo 'made from a draft' > "$draft/description"
is "$(cat "$draft/memory")" 3072
grep -q 3072 "$draft/.plan"
is "$(changes)" 0
refuses test -e "$P/vms/app1"
mv "$draft" "$P/vms/app1"
is "$(calls vm.create)" 1
is "$(changes)" 1 "$(cat "$P/.inject/calls")"
refuses test -e "$draft"
vm=$P/vms/app1
is "$(cat "$vm/memory") $(cat "$vm/cpus") $(cat "$vm/image")" "3072 3 debian-12"
is "$(cat "$vm/description")" 'made from a draft'
