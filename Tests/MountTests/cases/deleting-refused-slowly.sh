# However slowly what removes a machine goes on (a busy computer, a script, a large tree), it is refused to its end.
# Limit: 120 s
source "$LIB/case.sh"
mount_demo
mkdir "$P/vms/web1/disks/vdb"
for key in a b c d e f; do echo "$key" > "$P/vms/web1/metadata/$key"; done
echo x > "$P/refresh"
whole "$P/vms" > before
reset_calls
cat > slowly <<'S'
#!/bin/bash
# The plain attributes at once, as a listing has them, and then part for part.
cd "$1" || exit 1
for name in *; do [ -d "$name" ] || rm "$name"; done
find metadata disks nics snapshots -depth -type f | while read -r path; do
    rm "$path"
    sleep 1
done
for path in disks/vdb nics/* disks metadata nics snapshots; do
    rm -d "$path"
    sleep 1
done
rmdir "$1"
S
chmod 755 slowly
start=$(milliseconds)
refuses setsid -w ./slowly "$P/vms/web1" 2> errors
at_most 12000 $(($(milliseconds) - start))
is "$(grep -vcE ': (Device or resource busy|Directory not empty)$' errors)" 0 "$(cat errors)"
is "$(changes)" 0 "$(cat "$P/.inject/calls")"
echo x > "$P/refresh"
whole "$P/vms" | diff before -
# By name, and by nobody who was refused, a part is removed.
rm "$P/vms/web1/metadata/a"
setsid -w rm -r "$P/vms/web1/disks/vdb"
refuses test -e "$P/vms/web1/disks/vdb"
