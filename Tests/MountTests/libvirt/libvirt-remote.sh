# Several hosts in one mount, each by another transport: ssh with a known host key, TCP, TLS with an authority of its own.
# Who cannot be trusted or reached is refused in words, and costs the others nothing.
# Limit: 120 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
allow_errors stranger unknown denied
anchor=$(cat "$INFRAFS_TEST_LIBVIRT_DIR/anchor.pid")
pki=$INFRAFS_TEST_LIBVIRT_DIR/pki

# An ssh server beside libvirtd, with keys of its own.
mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f "$T/host"
ssh-keygen -q -t ed25519 -N '' -f "$T/user"
ssh-keygen -q -t ed25519 -N '' -f "$T/other"
cp "$T/user.pub" "$T/authorized"
chmod 600 "$T/authorized"
cat > "$T/sshd" <<C
Port 22022
ListenAddress 127.0.0.1
HostKey $T/host
AuthorizedKeysFile $T/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
PidFile $T/sshd.pid
C
nsenter -t "$anchor" --mount --net /usr/sbin/sshd -f "$T/sshd"
at_end 'kill "$(cat "$T/sshd.pid")"'
echo "[127.0.0.1]:22022 $(cut -d' ' -f1,2 "$T/host.pub")" > "$T/known"
echo "[127.0.0.1]:22022 $(cut -d' ' -f1,2 "$T/other.pub")" > "$T/wrong"
for which in known wrong; do
    printf '#!/bin/sh\nexec ssh -F none -o UserKnownHostsFile=%s "$@"\n' "$T/$which" > "$T/ssh-$which"
    chmod +x "$T/ssh-$which"
done

# A user's own libvirtd.
own=$T/own
mkdir "$own"
chown nobody "$own"
chmod 755 "$WORK" "$T" "$(dirname "$WORK")"
setpriv --reuid=nobody --regid=nogroup --clear-groups env -C / HOME="$own" XDG_RUNTIME_DIR="$own" \
    XDG_CONFIG_HOME="$own" XDG_CACHE_HOME="$own" libvirtd > "$T/session.log" 2>&1 &
session=$!
at_end "kill $session 2> /dev/null"

# The program runs within the network of that libvirtd.
cat > "$T/infrafs" <<C
#! /bin/sh
exec nsenter --net=/proc/$anchor/ns/net "$INFRAFS" "\$@"
C
chmod +x "$T/infrafs"
real=$INFRAFS
INFRAFS=$T/infrafs
mount_config <<Y
providers:
  ssh: {type: kvm, url: "qemu+ssh://root@127.0.0.1:22022/system?no_tty=1&keyfile=$T/user&command=$T/ssh-known"}
  tcp: {type: kvm, url: "qemu+tcp://127.0.0.1/system", virttype: qemu}
  tls: {type: kvm, url: "qemu+tls://127.0.0.1/system?pkipath=$pki"}
  simulated: {type: kvm, url: "test:///default"}
  session: {type: kvm, url: "qemu+unix:///session?socket=$own/libvirt/libvirt-sock"}
  stranger: {type: kvm, url: "qemu+tls://127.0.0.1/system?pkipath=$pki/stranger"}
  unknown: {type: kvm, url: "qemu+ssh://root@127.0.0.1:22022/system?no_tty=1&keyfile=$T/user&command=$T/ssh-wrong"}
  denied: {type: kvm, url: "qemu+ssh://root@127.0.0.1:22022/system?no_tty=1&keyfile=$T/other&command=$T/ssh-known"}
Y
INFRAFS=$real

for name in ssh tcp tls simulated session; do within 15 reads "$M/$name/status" up; done
is "$(cat "$M/ssh/networks/default/id")" "$(virsh net-uuid default | head -n 1)"
is "$(cat "$M/tcp/host/secure") $(cat "$M/tls/host/secure") $(cat "$M/ssh/host/secure")" "no yes yes"
is "$(cat "$M/simulated/vms/test/status")" up
grep -q /session "$M/session/host/connection"
is "$(cat "$M/session/host/vms")" 0

# One made through one is seen through the others at once.
P=$M/tcp
make_guest far1
within 1 test -d "$M/ssh/vms/far1"
within 1 test -d "$M/tls/vms/far1"
echo up > "$M/ssh/vms/far1/status"
domain_is far1 running
within 1 reads "$M/tls/vms/far1/status" up

# Nobody is trusted who should not be, and everybody is told why.
within 15 grep -q '^down: ' "$M/stranger/status"
grep -qi 'certificate' "$M/stranger/status"
within 15 grep -q '^down: .*HOST IDENTIFICATION HAS CHANGED' "$M/unknown/status"
within 15 grep -qi '^down: .*permission denied' "$M/denied/status"
matches "$(fsop list "$M/stranger/vms")" '^E(HOSTUNREACH|KEYREJECTED|ACCES)$'
for name in stranger unknown denied; do cat "$M/$name/status"; done >&2

# A server that stops answering: the others go on, and it comes back.
pid=$(cat "$T/sshd.pid")
kill -STOP "$pid"
at_end "kill -CONT $pid 2> /dev/null"
at_most "$(time_of cat "$M/tls/vms/far1/status" "$M/simulated/vms/test/status")" 1000
kill -CONT "$pid"
echo down > "$M/ssh/vms/far1/status"
domain_is far1 "shut off"
rmdir "$M/tls/vms/far1"
within 1 refuses test -e "$M/ssh/vms/far1"
