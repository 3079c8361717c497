# What keeps a copy of the old content by a rename (cp -b, sed -i.bak) works, on a running machine too, and the copy goes.
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web1
is "$(cat "$vm/status")" up
ls -A "$vm" > before
echo 'a first text' > "$vm/description"
reset_calls
sed -i.bak 's/first/second/' "$vm/description"
is "$(cat "$vm/description")" 'a second text'
is "$(cat "$vm/description.bak")" 'a first text'
echo 'a third text' > value
cp -b value "$vm/description"
is "$(cat "$vm/description")" 'a third text'
is "$(cat "$vm/description~")" 'a second text'
is "$(changes)" 2 "$(cat "$P/.inject/calls")"
ls -A "$vm" | diff before -
# Moved away and never written: it is what it was, and comes back.
mv "$vm/description" "$vm/description.orig"
is "$(cat "$vm/description.orig")" 'a third text'
is "$(changes)" 2
within 12 reads "$vm/description" 'a third text'
expect EPERM rename "$vm/description" "$vm/other"
