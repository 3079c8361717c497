# What a draft asks for is in the definition as virsh shows it; what cannot be is refused by name and leaves nothing.
# Limit: 180 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab
D=$P/drafts/vms
before=$(virsh vol-list default | sort)

# set DRAFT FILE VALUE...: one file of a draft, with one line for each value.
set_() {
    mkdir -p "$(dirname "$D/$1/$2")"
    printf '%s\n' "${@:3}" > "$D/$1/$2"
}

mkdir "$D/all"
set_ all start no
set_ all memory 512M
set_ all cpus 2
set_ all maxcpus 4
set_ all cores 2
set_ all cpumodel Nehalem
set_ all cpuflags +avx -svm 'name=vmx policy=disable'
set_ all cpupinning 'vcpus=0-1 hostcpus=0'
set_ all numa 'vcpus=0-1 memory=256' 'vcpus=2-3 memory=256'
set_ all numamode preferred
set_ all machine q35
set_ all autostart yes
set_ all rng no
set_ all watchdog reset
set_ all pmu no
set_ all iommu yes
set_ all description 'two lines' 'of text'
set_ all uuid 6c1bfa20-6a1c-4f6b-9c9e-3a5f0d0b7a11
set_ all sharedfolders /srv 'path=/usr/share tag=share readonly=yes'
set_ all pcidevices 0000:00:1f.0
set_ all usbdevices 1d6b:0002 1.4
set_ all qemuextra '-name all,debug-threads=on'
set_ all vncpassword geheim
set_ all video virtio
set_ all iso guest.iso
set_ all boot sdb eth1 iso
set_ all metadata/team blue
set_ all disks/vda/size 2
set_ all disks/vda/cache none
set_ all disks/vda/io threads
set_ all disks/sdb/size 1
set_ all disks/sdb/interface ssd
set_ all disks/sdb/serial S123
set_ all disks/sdc/bus scsi
set_ all disks/sdc/size 1
set_ all disks/sdc/wwn 5000c50015ea71aa
set_ all disks/sdb/format raw
set_ all disks/sdb/thin no
set_ all nics/eth0/network default
set_ all nics/eth0/mac 52:54:00:AA:BB:CC
set_ all nics/eth0/model e1000
set_ all nics/eth1/network default
set_ all nics/eth1/multiqueues 2
set_ all nics/eth1/mtu 1400
set_ all nics/eth2/type user
set_ all nics/eth3/network lo
set_ all nics/eth3/macvtap yes
set_ all nics/eth3/mode private
grep -q '^vncpassword: <secret>' "$D/all/.plan"
refuses grep geheim "$D/all/.plan"
mv "$D/all" "$P/vms/all"

is "$(cat "$P/vms/all/id")" 6c1bfa20-6a1c-4f6b-9c9e-3a5f0d0b7a11
is "$(cat "$P/vms/all/iso") $(cat "$P/vms/all/autostart") $(cat "$P/vms/all/metadata/team")" "guest.iso yes blue"
is "$(cat "$P/vms/all/description")" $'two lines\nof text'
is "$(xml all vcpu) $(xml all vcpu current)" "4 2"
is "$(xml all cpu/topology sockets)$(xml all cpu/topology cores)" 22
is "$(xml all cpu/model)" Nehalem
is "$(xml all cpu/feature name | paste -sd ' ') $(xml all cpu/feature policy | paste -sd ' ')" \
    "avx svm vmx require disable disable"
is "$(xml all cputune/vcpupin cpuset | paste -sd ' ')" "0 0"
is "$(xml all cpu/numa/cell memory | paste -sd ' ')" "262144 262144"
is "$(xml all numatune/memory mode)" preferred
matches "$(xml all os/type machine)" q35
is "$(xml all features/pmu state)" off
is "$(xml all devices/iommu model)" intel
is "$(xml all devices/rng)" ""
is "$(xml all devices/watchdog action)" reset
is "$(xml all devices/filesystem/target dir | paste -sd ' ')" "srv share"
is "$(xml all devices/hostdev type | paste -sd ' ')" "pci usb usb"
is "$(xml all '{http://libvirt.org/schemas/domain/qemu/1.0}commandline/{http://libvirt.org/schemas/domain/qemu/1.0}arg' value |
    paste -sd ' ')" "-name all,debug-threads=on"
is "$(xml all devices/video/model type)" virtio
is "$(xml all devices/disk/target dev | sort | paste -sd ' ')" "sda sdb sdc vda"
is "$(xml all "devices/disk/target[@bus='sata']" rotation_rate | sed '/^$/d')" 1
is "$(xml all devices/disk/serial)" S123
is "$(xml all devices/disk/wwn)" 5000c50015ea71aa
is "$(xml all "devices/disk[@device='disk']/driver" type | sort | paste -sd ' ')" "qcow2 qcow2 raw"
is "$(xml all "devices/disk/driver[@cache='none']" io)" threads
is "$(xml all devices/interface type | paste -sd ' ')" "network network user direct"
is "$(xml all devices/interface/mac address | sed -n 1p)" 52:54:00:aa:bb:cc
is "$(xml all devices/interface/model type | sed -n 1p)" e1000
is "$(xml all devices/interface/mtu size) $(xml all devices/interface/driver queues)" "1400 2"
is "$(xml all "devices/interface[@type='direct']/source" mode)" private
is "$(xml all "devices/disk[@device='disk']/boot" order) $(xml all devices/interface/boot order)" '1 2'
is "$(xml all "devices/disk[@device='cdrom']/boot" order)" 3
# The password is the screen's alone: what libvirt shows without being asked for secrets has it not.
refuses bash -c "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' dumpxml all | grep geheim"
virsh dumpxml --security-info all | has "passwd='geheim'"
refuses grep -rqs geheim "$XDG_STATE_HOME" "$LOG" "$P/vms/all" "$M/.infrafs/config"
rmdir "$P/vms/all"
is "$(virsh vol-list default | sort)" "$before"

# An existing volume, several pools of the guest's memory, room to grow.
mkdir "$P/drafts/disks/spare"
echo 1 > "$P/drafts/disks/spare/size"
mv "$P/drafts/disks/spare" "$P/disks/spare"
mkdir "$D/room"
set_ room start no
set_ room memory 256
set_ room memoryhotplug yes
set_ room cpuhotplug yes
set_ room cpus 1
set_ room spice yes
set_ room disks/vda/volume spare
set_ room nics/eth0/network default
set_ room boot network
mv "$D/room" "$P/vms/room"
is "$(xml room maxMemory slots) $(xml room vcpu) $(xml room cpu/numa/cell cpus)" "16 64 0-63"
is "$(xml room devices/graphics type) $(xml room os/boot dev)" "spice network"
is "$(cat "$P/vms/room/disks/vda/path")" "$(virsh vol-path spare default)"
rmdir "$P/vms/room"
virsh vol-list default | has spare
rmdir "$P/disks/spare"

# refused NAME REASON FILE VALUE...: the reason names what is wrong, and nothing was made.
refused() {
    local reason=$2 name=$1
    mkdir -p "$D/bad"
    set_ bad start no
    set_ bad "${@:3}"
    expect "$name" rename "$D/bad" "$P/vms/bad"
    getfattr -n user.infrafs.error --only-values "$D/bad" 2> /dev/null | has -F "$reason" ||
        grep -qF "$reason" "$P/errors" || { cat "$P/errors" >&2; fail "line ${BASH_LINENO[0]}: '$reason' is not said"; }
    rm -r "$D/bad"
}
refused ECANCELED "cpupinning" cpupinning 'vcpus=7 hostcpus=0'
refused ECANCELED "numa: its nodes have 100 MiB" numa 'vcpus=0 memory=100'
refused ECANCELED "cmdline needs kernel" cmdline quiet
refused EOPNOTSUPP "bus nvme" disks/vda/bus nvme
refused ECANCELED "network nowhere does not exist" nics/eth0/network nowhere
refused ECANCELED "machine pc-none" machine pc-none
refused EOPNOTSUPP "arch sparc" arch sparc
refused ECANCELED "image nothing is in no active pool" image nothing
refused ECANCELED "pool nowhere does not exist" pool nowhere
refused ECANCELED "there is no device vdz" boot vdz
refused ECANCELED "is no public key" keys rubbish
refused ECANCELED "wwn needs bus" disks/vda/wwn 5000c50015ea71aa
is "$(virsh vol-list default | sort)" "$before"
is "$(virsh list --all --name | sed '/^$/d')" ""
