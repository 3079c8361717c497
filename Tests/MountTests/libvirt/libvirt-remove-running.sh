# rm -r of a running guest touches nothing at all, whatever tool asks: not its files, not its definition, not its disks.
# Limit: 180 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab
make_guest kept1
vm=$P/vms/kept1
mkdir "$vm/disks/extra"
echo blue > "$vm/metadata/colour"
echo up > "$vm/status"
within 60 domain_is kept1 running
# Addresses come and sizes grow while it boots: what is compared is what a removal could touch.
facts() {
    virsh dumpxml kept1
    virsh dumpxml --inactive kept1
    virsh snapshot-list --name kept1
    virsh domblklist --details kept1
    find "$INFRAFS_TEST_LIBVIRT_DIR/pool" -type f -printf '%f %i\n' | sort
    find "$vm" \( -name data -o -name allocation \) -prune -o -printf '%P %i %m\n' | sort
}
facts > before
for tool in 'rm -r' 'rm -rf' 'busybox rm -r' "python3 -c 'import shutil, sys; shutil.rmtree(sys.argv[1])'" 'find -delete'; do
    case $tool in
    'find -delete') refuses find "$vm" -delete 2> errors ;;
    *) refuses bash -c "$tool '$vm'" 2> errors ;;
    esac
    facts | diff before - || fail "$tool changed it"
done
domain_is kept1 running
echo down > "$vm/status"
within 30 domain_is kept1 'shut off'
rm -r "$vm"
refuses virsh domstate kept1 2> /dev/null
is "$(find "$INFRAFS_TEST_LIBVIRT_DIR/pool" -name 'kept1*' | wc -l)" 0
