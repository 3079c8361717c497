# With allow_other the mode bits hold: another user may do what they say, and no more (W16).
source "$LIB/case.sh"
mount_demo -o allow_other
as_other() { setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/ "$@"; }
is "$(as_other "$LIB/fsop" write "$P/vms/web3/status" up)" EACCES
is "$(as_other "$LIB/fsop" mkdir "$P/vms/new")" EACCES
is "$(as_other "$LIB/fsop" rmdir "$P/vms/web3")" EACCES
is "$(cat "$P/vms/web3/status")" down
unmount
mount_demo -o allow_other,umask=022
is "$(as_other cat "$P/vms/web3/status")" down
is "$(as_other "$LIB/fsop" write "$P/vms/web3/status" up)" EACCES
