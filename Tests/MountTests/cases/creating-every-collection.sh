# mkdir and rmdir work in every collection that has them.
source "$LIB/case.sh"
mount_demo
for name in disks networks pools buckets security_groups; do
    mkdir "$P/$name/new1"
    test -d "$P/$name/new1"
    ls "$P/$name" | grep -qx new1
    rmdir "$P/$name/new1"
    refuses test -e "$P/$name/new1"
done
mkdir "$P/drafts/networks/lan9"
echo 10.99.0.0/24 > "$P/drafts/networks/lan9/cidr"
mv "$P/drafts/networks/lan9" "$P/networks/lan9"
is "$(cat "$P/networks/lan9/cidr")" 10.99.0.0/24
rmdir "$P/networks/lan9"
