# protect holds by every name, for what is made under a name, and for a machine's volumes: each way round is EPERM, changes
# nothing and makes no call.
# Limit: 120 s
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo:
    type: fake
    protect: ["vms/web*", "vms/build1~*", "disks/db1-disk1", "disks/lb1*", "images/golden*", "networks/backend", "dns/*"]
Y
vm=$P/vms/web3 volume=$P/disks/web3-disk0
echo down > "$P/vms/lb1/status"
echo down > "$P/vms/db1/status"
await_status lb1 down
await_status db1 down
# The details that a comparison reads.
cat "$P"/vms/*/info "$P"/disks/*/vm > /dev/null
echo x > "$P/refresh"
head -c 65536 "$volume/data" > content
whole > before
reset_calls
protected() { expect EPERM "$@"; }

# What is in the machine.
protected write "$vm/status" up
protected write "$vm/name" other
protected write "$vm/add_nic" default
protected rename "$vm" "$P/vms/other"
protected rename "$vm" "$P/vms/web4"
for name in memory id info status; do protected unlink "$vm/$name"; done
for name in disks/vda/size disks/vda/pool nics/eth0/network; do protected unlink "$vm/$name"; done
for backup in memory~ .memory.swp memory.bak; do protected rename "$vm/memory" "$vm/$backup"; done
protected unlink "$vm/metadata/plan"
protected write "$vm/metadata/plan" other
protected append "$vm/metadata/plan" more
protected write-new "$vm/metadata/new" value
protected rmdir "$vm/metadata"
protected mkdir "$vm/nics/eth7"
protected rmdir "$vm/nics/eth0"
protected write "$vm/nics/eth0/network" backend
protected write "$vm/nics/eth0/mac" 52:54:00:11:22:33
protected mkdir "$vm/disks/new"
protected write "$vm/disks/vda/size" 100
protected rmdir "$vm/disks/vda"
protected rmdir "$vm/disks"
protected mkdir "$vm/snapshots/now"
protected symlink "$vm/memory.lnk" /etc/passwd
protected link "$vm/hard" "$P/vms/cache1/memory"
for way in write append overwrite; do protected $way "$vm/memory" 4096; done
echo 4096 > value
protected put "$vm/memory" value
echo 4096 > "$vm/.memory.tmp"
protected rename "$vm/.memory.tmp" "$vm/memory"
rm "$vm/.memory.tmp"

# Its name, and one like it.
protected mkdir "$P/vms/web9"
mkdir "$P/drafts/vms/web9"
echo 2048 > "$P/drafts/vms/web9/memory"
protected rename "$P/drafts/vms/web9" "$P/vms/web9"
is "$(cat "$P/drafts/vms/web9/memory")" 2048
rm -r "$P/drafts/vms/web9"
protected rename "$P/vms/cache1" "$P/vms/web9"
protected write "$P/vms/cache1/name" web9
protected write "$P/vms/cache1/clone" web9
protected write "$P/vms/cache1/clone" "web9 full start"
protected write "$P/vms/cache1/export" golden-1
expect EEXIST rename "$P/vms/cache1" "$vm"
expect EEXIST mkdir "$vm"
# Two of one name are protected by the names in the directory.
for one in "$P"/vms/build1~*; do
    protected write "$one/description" other
    protected rmdir "$one"
    protected rename "$one" "$P/vms/other"
done

# Its volumes, where they are listed by themselves, and as disks of it.
protected write "$volume/size" 100
protected overwrite "$volume/data" changed
protected append "$volume/data" changed
protected overwrite "$vm/disks/vda/data" changed
protected rmdir "$volume"
protected unlink "$volume/size"
protected rename "$vm/disks/vda" "$P/disks/vda"
protected rename "$P/disks/scratch1" "$vm/disks/scratch1"
protected overwrite "$P/disks/build1-disk0/data" changed
python3 -I - "$volume/data" content <<'PY'
import os, sys
volume, content = sys.argv[1:]
for body in (
    lambda: os.posix_fallocate(os.open(volume, os.O_RDWR), 0, 1 << 20),
    lambda: os.copy_file_range(os.open(content, os.O_RDONLY), os.open(volume, os.O_WRONLY), 100),
    lambda: os.open(volume, os.O_WRONLY | os.O_TRUNC),
):
    try:
        body()
    except PermissionError as error:
        assert error.errno == 1, error
    else:
        raise AssertionError("was not refused")
PY

# Volumes that are protected by themselves, by their machines.
protected rmdir "$P/vms/db1/disks/vdb"
protected rename "$P/vms/db1/disks/vdb" "$P/disks/vdb"
protected write "$P/vms/db1/disks/vdb/size" 400
protected overwrite "$P/vms/db1/disks/vdb/data" changed
protected write "$P/vms/db1/revert" before-upgrade
protected rmdir "$P/vms/lb1"
protected unlink "$P/vms/lb1/memory"
refuses rm -r "$P/vms/lb1" 2> errors

# Networks and zones.
protected rmdir "$P/networks/backend"
protected write "$P/networks/backend/domain" other.internal
zone=$P/dns/example.com
protected rmdir "$zone"
protected unlink "$zone/web1/A"
protected write "$zone/web1/A" 192.0.2.1
protected write-new "$zone/web1/TXT" text

# Without effect, as on any file.
for way in 'truncate 0' 'truncate 100' 'chmod 777' 'chown 0' touch; do
    # shellcheck disable=SC2086
    set -- $way
    expect ok "$1" "$vm/memory" ${2+"$2"}
done
expect ok truncate "$volume/data" 0
expect ok setxattr "$vm" user.infrafs.id other
expect EOPNOTSUPP setxattr "$vm" user.other value

is "$(changes)" 0 "$(cat "$P/.inject/calls")"
head -c 65536 "$volume/data" | cmp - content
echo x > "$P/refresh"
whole | diff before -

# What is not protected is as before.
echo 4096 > "$P/vms/db2/memory"
echo other > "$P/vms/db1/description"
mv -T "$P/vms/cache1" "$P/vms/cache9"
echo cache8 > "$P/vms/cache9/clone"
is "$(cat "$P/vms/cache8/name")" cache8
mv "$P/disks/scratch1" "$P/vms/db1/disks/"
