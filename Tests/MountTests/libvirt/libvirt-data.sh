# The content of volumes as files: sparse, whole, both ways, and safe from those who would tear it.
# Limit: 240 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab
pool=$INFRAFS_TEST_LIBVIRT_DIR/pool

# A thin disk of 10 GiB with some MiB in it: what is moved is what is there.
mkdir "$P/drafts/disks/thin"
echo 10 > "$P/drafts/disks/thin/size"
echo raw > "$P/drafts/disks/thin/format"
mv "$P/drafts/disks/thin" "$P/disks/thin"
data=$P/disks/thin/data
is "$(stat -c %s "$data")" 10737418240
head -c 3000000 /dev/urandom > start
head -c 5000000 /dev/urandom > middle
dd if=start of="$data" bs=1M conv=notrunc status=none
dd if=middle of="$data" bs=1M seek=6000 conv=notrunc status=none
cmp -n 3000000 start "$pool/thin"
cmp -n 5000000 -i 0:$((6000 << 20)) middle "$pool/thin"
cp --sparse=always "$data" out.raw
is "$(stat -c %s out.raw)" 10737418240
[ "$(stat -c %b out.raw)" -lt 40000 ] || fail "the copy takes $(stat -c %b out.raw) blocks"
cmp -n 3000000 start out.raw
cmp -n 5000000 -i 0:$((6000 << 20)) middle out.raw
tar -C "$P/disks/thin" --sparse -cf thin.tar data
[ "$(stat -c %s thin.tar)" -lt 20000000 ] || fail "the archive has $(stat -c %s thin.tar) bytes"
rm out.raw thin.tar

# A whole file over it: nothing of what was there shows.
head -c 2000000 /dev/urandom > small
truncate -s 100M small
cp --sparse=always small "$data"
cmp small "$pool/thin"
within 20 bash -c "[ \$(stat -c %s '$data') = 104857600 ]"
cmp small "$data"
rmdir "$P/disks/thin"
refuses test -e "$pool/thin"

# Several readers at a time, in order and not, and one that stops midway.
mkdir "$P/images/many"
head -c 24M /dev/urandom > many
cp many "$P/images/many/data"
data=$P/images/many/data
readers=()
for count in 1 2 3; do
    cmp many "$data" &
    readers+=($!)
done
exec 6< "$data"
head -c 1M <&6 | cmp -n 1048576 many -
cat > jumps.py <<'PY'
import os, random, sys

chance, (plain, data) = random.Random(5), [os.open(name, os.O_RDONLY) for name in sys.argv[1:]]
place = 0
for _ in range(400):
    if chance.random() < 0.3:
        place = chance.randrange(24 << 20)
    count = chance.choice([1, 4096, 131072, 1 << 20])
    assert os.pread(data, count, place) == os.pread(plain, count, place), (place, count)
    place += count
PY
/usr/bin/python3 jumps.py many "$data" &
readers+=($!)
for pid in "${readers[@]}"; do wait "$pid"; done
dd bs=333333 if="$data" status=none | cmp many -
cat <&6 | cmp -i 1048576:0 many -
exec 6<&-
rmdir "$P/images/many"

# An image from a file, a machine from the image.
mkdir "$P/images/mine"
cp "$pool/guest.qcow2" "$P/images/mine/data"
cmp "$pool/guest.qcow2" "$pool/mine"
within 20 bash -c "[ \"\$(cat '$P/images/mine/format')\" = qcow2 ]"
mkdir "$P/drafts/vms/dat1"
echo mine > "$P/drafts/vms/dat1/image"
echo 128 > "$P/drafts/vms/dat1/memory"
mv "$P/drafts/vms/dat1" "$P/vms/dat1"
vm=$P/vms/dat1
expect EBUSY rmdir "$P/images/mine"
has -F 'dat1_0.img is built on it' < "$P/images/mine/.error"
expect EBUSY overwrite "$P/images/mine/data" rubbish
expect EBUSY overwrite "$vm/disks/vda/data" rubbish
is "$(head -c 3 "$vm/disks/vda/data")" QFI
echo down > "$vm/status"
cmp "$vm/disks/vda/data" "$pool/dat1_0.img"
cp --sparse=always "$vm/disks/vda/data" saved
qemu-io -c 'write -P 7 0 1M' "$pool/dat1_0.img" > /dev/null
cp saved "$vm/disks/vda/data"
cmp saved "$pool/dat1_0.img"
rmdir "$vm"
rmdir "$P/images/mine"
refuses test -e "$pool/mine"
