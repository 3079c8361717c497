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
with_rm() { rm -r "$1"; }
with_force() { rm -rf "$1"; }
with_find() { find "$1" -delete; }
with_python() { python3 -c 'import shutil, sys; shutil.rmtree(sys.argv[1])' "$1"; }
with_busybox() { busybox rm -r "$1"; }
with_perl() { perl -MFile::Path=rmtree -e 'rmtree($ARGV[0], {error => \my $e}); exit(@$e ? 1 : 0)' "$1"; }
# refused NAME TOOL
refused() {
    reset_calls
    refuses "with_$2" "$P/vms/$1" 2> errors
    is "$(changes)" 0 "$2: $(cat "$P/.inject/calls")"
    # The platform is asked anew: nothing of what is compared is from memory.
    echo x > "$P/refresh"
    whole | diff before - || fail "$2 changed $1"
}
for tool in rm force find python busybox perl; do refused web1 $tool; done
for tool in rm find python; do refused web3 $tool; done
