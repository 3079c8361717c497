# A host of libvirt, backed up: tar's incremental dump warns of nothing, and a second one has nothing that did not change
# (R4); every inode is the same after a remount, after kill -9, and after libvirtd was started again (M2).
# Limit: 240 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
own_libvirtd
mount_lab
make_guest bk1
make_guest bk2
mkdir "$P/vms/bk1/snapshots/first" "$P/vms/bk2/disks/vdb" "$P/vms/bk1/nics/eth1"
# The one that runs gets no address meanwhile.
rmdir "$P/vms/bk2/nics/eth0"
echo 'kept for long' > "$P/vms/bk1/description"
echo blue > "$P/vms/bk1/metadata/team"
echo up > "$P/vms/bk2/status"
within 10 reads "$P/vms/bk2/status" up
# The events of one mount are not those of the next; content is another backup.
excluded=(--exclude=data --exclude=events)
# incremental NUMBER: the names of the files in the next dump.
incremental() {
    tar -C "$M" "${excluded[@]}" --no-check-device --listed-incremental=s -cf "$1.tar" lab 2> warnings
    is "$(cat warnings)" ""
    tar -tf "$1.tar" | grep -v '/$' || true
}
# What the host does changes by itself: its free memory, and the room that pools and volumes of a running machine take.
changing='^lab/(host/|pools/default/(info|info.json|allocation|available)$|errors$)'
inodes() { find "$P" -printf '%P %i\n' | sort; }
times() { find "$P" ! -path "$P/host*" ! -name events ! -path '*/data' ! -path "$P/pools/*" -printf '%P %T@\n' | sort; }

# A change within the second of the dump counts as newer.
sleep 1.1
incremental 1 > first
has 'lab/vms/bk2/disks/vdb/size' < first
sleep 1.1
incremental 2 > second
refuses grep -vE "$changing" second
echo 'another' > "$P/vms/bk1/description"
sleep 1.1
incremental 3 > third
has 'lab/vms/bk1/description' < third
refuses grep -vE "$changing|^lab/vms/bk1/(description|info|info.json)$|^lab/overview$" third

inodes > before
[ "$(wc -l < before)" -gt 150 ] || fail "only $(wc -l < before) files"
# Two files of one inode would be one to tar: all have their own.
is "$(awk '{ print $NF }' before | sort | uniq -d)" ""
times > times-before
unmount
mount_lab
diff before <(inodes)
diff times-before <(times)
kill_daemon
mount_lab
diff before <(inodes)
sleep 1.1
incremental 4 > fourth
refuses grep -vE "$changing" fourth

allow_errors lab
"$ROOT/Tests/libvirt/daemon" kill "$INFRAFS_TEST_LIBVIRT_DIR"
"$ROOT/Tests/libvirt/daemon" resume "$INFRAFS_TEST_LIBVIRT_DIR"
within 30 reads "$P/status" up
within 10 reads "$P/vms/bk2/status" up
diff before <(inodes)
incremental 5 > fifth
# It may have been told in between that the host was down.
refuses grep -vE "$changing|^lab/status$" fifth
