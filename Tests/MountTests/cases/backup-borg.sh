# borg: what comes out is what went in, and a second backup of an unchanged fleet reads no file.
# Limit: 120 s
source "$LIB/case.sh"
mount_demo
export BORG_BASE_DIR=$WORK/borg BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes
archive() {
    (cd "$M" && borg create --list --filter AMCE --exclude '*/data' --exclude '*/events' "$T/repository::$1" demo) 2>&1
}
borg init -e none repository
# borg remembers no file as new as the newest it has seen, which may change within the same tick of the clock.
echo 3 > "$P/vms/web3/cpus"
archive first > listed
refuses grep -E '^[CE] ' listed
archive second > listed
is "$(grep -v ' demo/vms/web3/' listed || true)" ""
mkdir out
(cd out && borg extract "$T/repository::second")
diff -r --exclude=data --exclude=events "$P" out/demo
is "$(stat -c %Y out/demo/vms/web1/info)" "$(stat -c %Y "$P/vms/web1/info")"
