# The examples of the manual pages work as they are written.
# Limit: 90 s
source "$LIB/case.sh"
mkdir bin
ln -s "$INFRAFS" bin/infrafs
# An address is what ssh would get.
printf '#!/bin/sh\necho "$1" > "%s/ssh"\n' "$T" > bin/ssh
chmod +x bin/ssh
export PATH=$T/bin:$PATH
mount_config << 'END'
providers:
  lab:
    type: fake
    boot_time: 200
    address_time: 0
END
P=$M/lab
# The synopses of infrafs(1) make web2 and start web1.
echo down > "$P/vms/web1/status"
echo down > "$P/vms/web2/status"
await_status web1 down
await_status web2 down
mkdir "$P/vms/web1/snapshots/s1"
rmdir "$P/vms/web1/snapshots/s1"
rm -r "$P/vms/web2"

# Each display is a script, but for the lines of fstab.
blocks() {
    awk -v out="$2" '/^\.Bd -literal/ { inside = 1; n += 1; next } /^\.Ed/ { inside = 0 }
        inside { print > (out "." n) }' "$1"
}
cd "$M" || exit
run_blocks() {
    local file status
    for file in "$T/$1".*; do
        if grep -q 'fuse\.infrafs' "$file"; then continue; fi
        # What watches for ever is given a moment.
        if grep -q 'inotifywait -m' "$file"; then
            status=0
            timeout 2 bash -euo pipefail "$file" > "$T/out" 2>&1 || status=$?
            is "$status" 124
            continue
        fi
        bash -euo pipefail "$file" > "$T/out" 2>&1 || fail "$1: $(cat "$file"): $(cat "$T/out")"
    done
}
blocks "$ROOT/man/infrafs.1" "$T/infrafs.1"
run_blocks infrafs.1
is "$(cat "$T/ssh")" "$(cat "$P/vms/web1/ip")"
refuses mountpoint -q "$HOME/demo"

blocks "$ROOT/man/infrafs-tree.7" "$T/infrafs-tree.7"
[ -f "$T/infrafs-tree.7.6" ]
# The backup's display comes first and writes into the working directory.
sed -i "s,-cf lab.tar,-cf $T/lab.tar," "$T/infrafs-tree.7.1"
bash -euo pipefail "$T/infrafs-tree.7.1"
tar -tf "$T/lab.tar" > "$T/names"
grep -qx vms/web1/memory "$T/names"
# The restore makes web9, and so does a later example.
bash -euo pipefail "$T/infrafs-tree.7.2"
is "$(cat "$P/vms/web9/memory")" "$(cat "$P/vms/web1/memory")"
echo down > "$P/vms/web9/status"
await_status web9 down
rm -r "$P/vms/web9"
for number in 3 4 5 6; do
    bash -euo pipefail "$T/infrafs-tree.7.$number" > "$T/out" 2>&1 || fail "$(cat "$T/infrafs-tree.7.$number" "$T/out")"
done
is "$(cat "$P/vms/web9/memory")" 2048
cd "$T" || exit
