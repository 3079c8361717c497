# A machine of kcli shows its plan, profile and image in the tree, and one of the tree shows them in kcli.
# Limit: 400 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
/usr/bin/python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check kcli 'libvirt-python<10' > pip.log 2>&1 || { tail -n 5 pip.log; fail "no kcli"; }
mkdir -p "$HOME/.kcli"
cat > "$HOME/.kcli/config.yml" <<Y
default: {client: lab}
lab:
  type: kvm
  url: "$INFRAFS_TEST_LIBVIRT"
  pool: default
Y
chmod 600 "$HOME/.kcli/config.yml"
cat > "$HOME/.kcli/profiles.yml" <<'Y'
small: {image: guest.qcow2, memory: 256, numcpus: 1, disks: [1], nets: [default], start: false, cloudinit: false, virttype: qemu}
Y
kcli() { timeout 120 venv/bin/kcli "$@"; }
kcli create vm -p small -P plan=kplan theirs > kcli.log 2>&1 || { cat kcli.log >&2; fail "kcli made no machine"; }
virsh list --all --name | has -x theirs

mount_lab
vm=$P/vms/theirs
is "$(cat "$vm/profile") $(cat "$vm/image") $(cat "$vm/plan")" "small guest.qcow2 kplan"
is "$(cat "$vm/memory") $(cat "$vm/cpus")" "256 1"

mkdir "$P/drafts/vms/ours"
printf '%s\n' 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@here' > "$P/drafts/vms/ours/keys"
echo admin > "$P/drafts/vms/ours/vmuser"
echo 'image: guest.qcow2
memory: 256
numcpus: 1
start: false
cpuflags: [{name: svm, policy: disable}]
nets: [{name: default, type: e1000}]
disks: [{size: 1, interface: sata}]' > "$P/drafts/vms/ours/info"
mv "$P/drafts/vms/ours" "$P/vms/ours"
is "$(xml ours devices/interface/model type) $(xml ours devices/disk/target bus | sort | paste -sd ' ')" "e1000 ide sata"
is "$(xml ours cpu/feature policy)" disable
echo oplan > "$P/vms/ours/plan"
echo oprofile > "$P/vms/ours/profile"
kcli list vm > list 2>&1
grep -E 'ours.*guest.qcow2.*oplan.*oprofile' list || { cat list >&2; fail "kcli does not show it"; }
grep -E 'theirs.*guest.qcow2.*kplan.*small' list
kcli delete vm -y ours > /dev/null 2>&1
within 2 bash -c "! test -e '$P/vms/ours'"
# kcli knows the disc of the first boot for the machine's own.
refuses bash -c "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' vol-list default | grep ours"

# kcli's own configuration is understood as it is.
unmount
rm -r "$XDG_CONFIG_HOME/infrafs"
mount_with
is "$(cat "$M/lab/vms/theirs/name")" theirs
rmdir "$M/lab/vms/theirs"
is "$(virsh list --all --name | grep -c theirs || true)" 0
