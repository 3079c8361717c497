# With allow_other, what others may do is what uid, gid and umask say, and the kernel holds them to it (W16, L8).
source "$LIB/case.sh"
as() { setpriv --reuid "$1" --regid "$2" --clear-groups env HOME=/ "${@:3}"; }
mount_demo -o allow_other,uid=65534,gid=4321,umask=027
is "$(stat -c '%u %g %a' "$P/vms/web3/memory")" "65534 4321 640"
is "$(stat -c '%u %g %a' "$P/vms/web3/id")" "65534 4321 440"
is "$(stat -c '%u %g %a' "$P/vms")" "65534 4321 750"
is "$(as 65534 65534 "$LIB/fsop" write "$P/vms/web3/memory" 3072)" ok
is "$(as 1234 4321 "$LIB/fsop" read "$P/vms/web3/memory")" ok
is "$(as 1234 4321 "$LIB/fsop" write "$P/vms/web3/memory" 4096)" EACCES
is "$(as 1234 4321 "$LIB/fsop" unlink "$P/vms/web3/memory")" EACCES
is "$(as 1234 1234 "$LIB/fsop" read "$P/vms/web3/memory")" EACCES
is "$(as 1234 4321 "$LIB/fsop" chmod "$P/vms/web3/memory" 666)" EPERM
is "$(as 1234 1234 "$LIB/fsop" list "$M/.infrafs")" EACCES
is "$(cat "$P/vms/web3/memory")" 3072
has '"uid":65534' "$M/.infrafs/audit"
