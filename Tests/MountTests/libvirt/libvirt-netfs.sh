# A pool of type netfs over a real server (GlusterFS): made, mounted by libvirt, its volumes written and read, and gone.
# Limit: 120 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab
# The server is in the network of libvirtd; it serves no address of the loopback device.
address=$(inside ip -4 -o address | sed -n 's/.* \(192\.168\.[0-9.]*\)\/.*/\1/p' | head -n 1)
mkdir work brick run
cat > glusterd.vol <<V
volume management
    type mgmt/glusterd
    option working-directory $T/work
    option run-directory $T/run
    option transport-type socket
    option glusterd-sockfile $T/sock
end-volume
V
gluster() { inside timeout 60 gluster --glusterd-sock="$T/sock" --mode=script "$@"; }
end_server() {
    gluster volume stop shared force
    kill "$(cat "$T/pid")"
}
inside glusterd -f "$T/glusterd.vol" -p "$T/pid" -l "$T/glusterd.log"
at_end 'end_server > /dev/null 2>&1'
within 20 gluster volume info
gluster volume create shared "$address:$T/brick" force > /dev/null
gluster volume start shared > /dev/null

draft=$P/drafts/pools/remote
mkdir "$draft"
for pair in type=netfs "source_host=$address" source_dir=/shared source_format=glusterfs "path=$T/pool" build=yes; do
    echo "${pair#*=}" > "$draft/${pair%%=*}"
done
mv "$draft" "$P/pools/remote"
at_end 'virsh pool-destroy remote > /dev/null 2>&1; virsh pool-undefine remote > /dev/null 2>&1'
is "$(cat "$P/pools/remote/type") $(cat "$P/pools/remote/status") $(cat "$P/pools/remote/path")" "netfs up $T/pool"
is "$(virsh pool-dumpxml remote | sed -n "s/.*<format type='\(.*\)'.*/\1/p")" glusterfs
[ "$(cat "$P/pools/remote/capacity")" -gt 0 ]

# A machine's disk there.
draft=$P/drafts/vms/nf1
mkdir -p "$draft/disks/vda"
echo 1 > "$draft/disks/vda/size"
echo remote > "$draft/disks/vda/pool"
echo 128 > "$draft/memory"
echo no > "$draft/start"
mv "$draft" "$P/vms/nf1"
is "$(cat "$P/vms/nf1/disks/vda/pool")" remote
is "$(ls brick)" "$(virsh vol-list remote | awk 'NF { print $1 }')"
has "$T/pool/" "$P/vms/nf1/disks/vda/path"
expect ENOTEMPTY rmdir "$P/pools/remote"

# Content goes to the server and comes from there.
head -c 3000000 /dev/urandom > content
mkdir "$P/drafts/images/far.raw"
echo remote > "$P/drafts/images/far.raw/pool"
mv "$P/drafts/images/far.raw" "$P/images/far.raw"
cp content "$P/images/far.raw/data"
cmp content brick/far.raw
cmp content "$P/images/far.raw/data"

# A server that is gone is told, and the rest of the host goes on.
allow_errors lab
echo down > "$P/pools/remote/status"
gluster volume stop shared force > /dev/null
matches "$(fsop write "$P/pools/remote/status" up)" '^E'
is "$(cat "$P/pools/remote/status") $(cat "$P/pools/default/status")" "down up"
gluster volume start shared > /dev/null
echo up > "$P/pools/remote/status"
cmp content "$P/images/far.raw/data"

rmdir "$P/vms/nf1" "$P/images/far.raw"
is "$(ls -A brick | grep -v '^\.' || true)" ""
rmdir "$P/pools/remote"
refuses virsh pool-info remote
