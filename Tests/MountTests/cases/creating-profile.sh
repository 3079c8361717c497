# profiles/default is what a bare mkdir uses, and outlives the daemon as drafts do.
source "$LIB/case.sh"
mount_demo
mkdir "$P/profiles/default"
echo 3072 > "$P/profiles/default/memory"
echo 3 > "$P/profiles/default/cpus"
mkdir "$P/profiles/small"
echo 512 > "$P/profiles/small/memory"
mkdir "$P/drafts/vms/later"
echo small > "$P/drafts/vms/later/profile"
unmount
mount_demo
is "$(cat "$P/profiles/default/memory") $(cat "$P/profiles/small/memory")" "3072 512"
is "$(cat "$P/drafts/vms/later/profile")" small
mkdir "$P/vms/bare"
is "$(cat "$P/vms/bare/memory") $(cat "$P/vms/bare/cpus")" "3072 3"
mv "$P/drafts/vms/later" "$P/vms/later"
is "$(cat "$P/vms/later/memory")" 512
rm -r "$P/profiles/small"
refuses test -e "$P/profiles/small"
