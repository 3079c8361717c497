# A machine that is down is deleted by every tool's way to remove a directory, by one call each.
source "$LIB/case.sh"
mount_demo
with_rm() { rm -r "$1"; }
with_force() { rm -rf "$1"; }
with_find() { find "$1" -delete; }
with_python() { python3 -c 'import shutil, sys; shutil.rmtree(sys.argv[1])' "$1"; }
with_busybox() { busybox rm -r "$1"; }
with_perl() { perl -MFile::Path=rmtree -e 'rmtree($ARGV[0], {error => \my $e}); exit(@$e ? 1 : 0)' "$1"; }
for tool in rm force find python busybox perl; do
    mkdir "$P/drafts/vms/$tool"
    echo no > "$P/drafts/vms/$tool/start"
    mv "$P/drafts/vms/$tool" "$P/vms/$tool"
    echo yes > "$P/vms/$tool/metadata/colour"
    reset_calls
    "with_$tool" "$P/vms/$tool" || fail "$tool"
    expect ENOENT stat "$P/vms/$tool"
    is "$(calls vm.delete) $(changes)" "1 1" "$tool: $(cat "$P/.inject/calls")"
done
