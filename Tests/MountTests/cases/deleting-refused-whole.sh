# rm -r of a running or protected machine, and of a protected bucket, touches nothing at all, whatever tool asks and from
# wherever: neither tree nor platform.
# Limit: 500 s
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo: {type: fake, protect: ["vms/web3", "buckets/assets"]}
Y
mkdir empty
git init -q repository
export P T

with_rm() { rm -r "$1"; }
with_force() { rm -rf "$1"; }
with_slash() { rm -rf "${1:?}/"; }
with_find() { find "$1" -delete; }
# It tells nothing of what it ran.
with_find_each() { find "$1" -exec rm -rf {} \;; false; }
with_find_depth() { find "$1" -depth -exec rm -d {} \;; false; }
with_find_many() { find "$1" -type f -exec rm -f {} +; }
with_xargs() { find "$1" -depth -print0 | xargs -0 -n 1 -P 4 rm -rf; }
with_xargs_many() { find "$1" -mindepth 1 -maxdepth 1 -print0 | xargs -0 -n 3 -P 8 rm -rf; }
with_reverse() { find "$1" | sort -r | while read -r path; do rm -d "$path"; done; }
with_python() { python3 -c 'import shutil, sys; shutil.rmtree(sys.argv[1])' "$1"; }
with_walk() {
    python3 -c '
import os, sys
for root, directories, files in os.walk(sys.argv[1], topdown=False):
    for name in files + directories:
        try:
            os.unlink(f"{root}/{name}") if name in files else os.rmdir(f"{root}/{name}")
        except OSError:
            failed = True
os.rmdir(sys.argv[1])' "$1"
}
with_threads() {
    python3 -c '
import concurrent.futures, os, sys
paths = [os.path.join(root, name) for root, _, files in os.walk(sys.argv[1]) for name in files]
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    list(pool.map(os.unlink, paths))' "$1"
}
with_busybox() { busybox rm -r "$1"; }
with_busybox_find() { busybox find "$1" -depth -delete; }
with_perl_remove() { perl -MFile::Path=remove_tree -e 'remove_tree($ARGV[0], {safe => 1, error => \my $e}); exit(@$e ? 1 : 0)' "$1"; }
with_perl() { perl -MFile::Path=rmtree -e 'rmtree($ARGV[0], {error => \my $e}); exit(@$e ? 1 : 0)' "$1"; }
with_rsync() { rsync -r --delete "$T/empty/" "$1/"; }
with_rsync_after() { rsync -r --delete-after --force --ignore-errors "$T/empty/" "$1/"; }
with_git() { git --git-dir "$T/repository/.git" --work-tree "${1%/*}" clean -fdx -- "${1##*/}" && false; }
with_mv() { mv "$1" "$T/moved"; }
with_rsync_mirror() { mkdir -p "$T/other/${1##*/}" && rsync -a --delete "$T/other/${1##*/}" "${1%/*}/"; }
with_unlink() { unlink "$1/$part"; }
with_rmdir() { rmdir "$1"; }
# The same from elsewhere.
within_machine() { cd "$1" && rm -rf ./* ./.[a-z]*; }
within_parent() { cd "${1%/*}" && rm -rf "${1##*/}"; }
within_part() { cd "$1/$directory" && rm -rf "../../${1##*/}"; }
within_itself() { cd "$1" && find . -delete; }
within_other() { cd "$P/networks" && rm -rf "../${1#"$P/"}"; }

all() { whole; whole "$P/buckets/assets"; }
all > before
# refused PATH TOOL: as a job of its own, as it is from an interactive shell.
refused() {
    reset_calls
    # shellcheck disable=SC2016
    if setsid -w bash -c "$(declare -f "$2")"'; "$@"' bash "$2" "$P/$1" > /dev/null 2> errors; then
        fail "$2 of $1 succeeded"
    fi
    is "$(changes)" 0 "$2 of $1: $(cat "$P/.inject/calls")"
    # The platform is asked anew: nothing of what is compared is from memory.
    echo x > "$P/refresh"
    all | diff before - || fail "$2 changed $1"
    rm -rf moved
}
tools=$(declare -F | awk '$3 ~ /^with(in)?_/ { print $3 }')
export part=memory directory=disks
for tool in $tools; do
    refused vms/web1 "$tool"
    refused vms/web3 "$tool"
done
part=$(cd "$P/buckets/assets" && find . -type f | head -n 1) directory=$(cd "$P/buckets/assets" && find . -mindepth 1 -type d | head -n 1)
test -n "$part" && test -n "$directory"
for tool in $tools; do refused buckets/assets "$tool"; done
# Of a part that is asked for by its name, nothing was refused for good.
rm "$P/vms/web1/metadata/plan"
refuses test -e "$P/vms/web1/metadata/plan"
