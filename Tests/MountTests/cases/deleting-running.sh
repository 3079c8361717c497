# rm -r of a running machine fails and touches nothing at all (C6, C13).
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web1
cp -r "$vm" before
ls -l "$vm" > listing
reset_calls
expect EBUSY rmdir "$vm"
expect EBUSY unlink "$vm/memory"
refuses rm -r "$vm" 2> errors
is "$(grep -vc ': Device or resource busy$' errors)" 0 "$(cat errors)"
is "$(changes)" 0 "$(cat "$P/.inject/calls")"
ls -l "$vm" | diff listing -
diff -r before "$vm"
is "$(cat "$vm/status")" up
test -d "$vm/disks/vda"
refuses find "$vm" -delete 2> errors
is "$(grep -vcE ': (Device or resource busy|Directory not empty)$' errors)" 0 "$(cat errors)"
is "$(changes)" 0 "$(cat "$P/.inject/calls")"
diff -r before "$vm"
