# A guest boots by UEFI from a kernel that is a volume, with a TPM and directories of the host.
# Limit: 300 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab
draft=$P/drafts/vms/efi1
vm=$P/vms/efi1
mkdir -p "$draft" shared
touch shared/hello-from-the-host
echo no > "$draft/start"
echo 512 > "$draft/memory"
echo 1 > "$draft/cpus"
echo q35 > "$draft/machine"
echo yes > "$draft/uefi"
echo yes > "$draft/tpm"
echo guest.kernel > "$draft/kernel"
echo guest.initrd > "$draft/initrd"
echo 'console=ttyS0 quiet panic=1 told=yes shared=host' > "$draft/cmdline"
printf '%s\n' "path=$PWD/shared tag=host driver=virtiofs" "path=$PWD/shared tag=plain readonly=yes" > "$draft/sharedfolders"
mkdir -p "$draft/disks/sda"
echo 1 > "$draft/disks/sda/size"
echo sata > "$draft/disks/sda/bus"
mv "$draft" "$vm"
is "$(xml efi1 os firmware)" efi
is "$(xml efi1 os/kernel)" "$(virsh vol-path guest.kernel default)"
echo up > "$vm/status"
serial_of "$vm" serial
within 200 grep -q 'guest: ready' serial
tr -d '\r' < serial > told
grep -q 'guest: firmware uefi' told
grep -q 'guest: arguments .*told=yes' told
grep -q 'guest: tpm tpm0' told
grep -q 'guest: shared host hello-from-the-host' told
# The guest's kernel has no 9p: what QEMU was told of it is as far as it can be followed.
tr '\0' '\n' < "/proc/$(cat "$INFRAFS_TEST_LIBVIRT_DIR/run/qemu/efi1.pid")/cmdline" > qemu
grep -q "^local,.*path=$PWD/shared,readonly" qemu
grep -q '"driver":"virtio-9p-pci".*"mount_tag":"plain"' qemu
nvram=$(virsh dumpxml efi1 | sed -n 's,.*<nvram[^>]*>\(.*\)</nvram>.*,\1,p')
test -n "$nvram"
# The shell is told of its reader's end, and a signal interrupts its own writes.
/bin/echo down > "$vm/status"
rmdir "$vm"
nsenter -t "$(cat "$INFRAFS_TEST_LIBVIRT_DIR/anchor.pid")" --mount test ! -e "$nvram"

# Secure boot: the chipset and the firmware's keys come with it.
mkdir "$draft"
echo no > "$draft/start"
echo yes > "$draft/secureboot"
mv "$draft" "$vm"
matches "$(xml efi1 os/type machine)" q35
is "$(xml efi1 os/firmware/feature name | sort | paste -sd ' ')" "enrolled-keys secure-boot"
is "$(xml efi1 features/smm state)" on
rmdir "$vm"
