# cp of a file out, of a directory out, and of a file onto an attribute.
source "$LIB/case.sh"
mount_demo
cp "$P/vms/web1/info.json" copy
cmp copy "$P/vms/web1/info.json"
cp -r "$P/vms/web1" tree
diff -r tree "$P/vms/web1"
cp -a "$P/vms/web1" exact
is "$(stat -c %Y exact/info)" "$(stat -c %Y "$P/vms/web1/info")"
echo 4 > four
cp four "$P/vms/web3/cpus"
is "$(cat "$P/vms/web3/cpus")" 4
