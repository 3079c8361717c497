# rm -r of a running or protected machine touches nothing at all, whatever tool asks: neither tree nor platform.
# Limit: 120 s
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo: {type: fake, protect: ["vms/web3"]}
Y
# The whole provider, as files and as facts: name, inode, mode, size, time and content of each.
whole() {
    (cd "$P" && find . \( -name data -o -name events -o -name errors -o -path ./buckets \) -prune -o \
        -printf '%p %i %m %s %T@\n' | sort
     cd "$P" && find . \( -name data -o -name events -o -name errors -o -path ./buckets \) -prune -o \
        -type f -print0 | sort -z | xargs -0 sha256sum)
}
whole > before
echo x > "$P/refresh"
whole | diff before -
with_rm() { rm -r "$1"; }
with_force() { rm -rf "$1"; }
with_find() { find "$1" -delete; }
with_python() { python3 -c 'import shutil, sys; shutil.rmtree(sys.argv[1])' "$1"; }
with_busybox() { busybox rm -r "$1"; }
with_perl() { perl -MFile::Path=rmtree -e 'rmtree($ARGV[0], {error => \my $e}); exit(@$e ? 1 : 0)' "$1"; }
for name in web1 web3; do
    for tool in rm force find python busybox perl; do
        reset_calls
        refuses "with_$tool" "$P/vms/$name" 2> errors
        is "$(changes)" 0 "$tool: $(cat "$P/.inject/calls")"
        whole | diff before - || fail "$tool changed $name in the tree"
        # The platform is asked anew: nothing of it is from memory.
        echo x > "$P/refresh"
        whole | diff before - || fail "$tool changed $name on the platform"
    done
done
