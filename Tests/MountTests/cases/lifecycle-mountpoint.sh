# A mount point that is missing, a file, not empty, busy or inside a mount is refused in one line (L10).
source "$LIB/case.sh"
mount_demo
refused() {
    local status=0
    timeout 10 "$INFRAFS" mount --demo "$1" > output 2>&1 || status=$?
    differs $status 0 "$1"
    differs $status 124 "$1"
    is "$(wc -l < output)" 1 "$(cat output)"
    grep -qF "$1" output || fail "'$(cat output)' does not name $1"
}
count() { findmnt -rno TARGET | grep -c "^$WORK/" || true; }
refused "$T/missing"
touch file
refused "$T/file"
mkdir full
touch full/file
refused "$T/full"
refused "$M"
refused "$P/vms"
refused "$P/vms/web1"
is "$(count)" 1
is "$(cat "$P/vms/web1/name")" web1
is "$(ls full)" file
status=0
timeout 10 "$INFRAFS" mount --demo > output 2>&1 || status=$?
differs $status 0
status=0
timeout 10 "$INFRAFS" mount --demo -o no_such_option "$T/full" > output 2>&1 || status=$?
differs $status 0
grep -q no_such_option output
