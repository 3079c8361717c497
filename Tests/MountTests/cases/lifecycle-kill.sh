# After kill -9 the mount says so, rsync --delete destroys nothing, and a start recovers it by itself (L4, L5).
source "$LIB/case.sh"
mount_demo
rsync -a --exclude=data "$P/vms/" mirror/
find mirror | sort > before
mkdir "$P/drafts/vms/later"
echo 2048 > "$P/drafts/vms/later/memory"
mkdir "$P/profiles/default"
echo 3 > "$P/profiles/default/cpus"
kill_daemon
expect ENOTCONN list "$M"
refuses rsync -a --delete --exclude=data "$P/vms/" mirror/ 2> /dev/null
find mirror | sort | diff before -
mount_demo
is "$(findmnt -rno TARGET | grep -cx "$M")" 1
is "$(cat "$P/vms/web1/name")" web1
is "$(cat "$P/drafts/vms/later/memory") $(cat "$P/profiles/default/cpus")" "2048 3"

# While it is dead nothing is written where it was either, and after that a copy onto it works as before.
kill_daemon
refuses rsync -a mirror/web3/ "$P/drafts/vms/again/" 2> /dev/null
refuses rsync -a mirror/web3/ "$M/" 2> /dev/null
umount -l "$M"
is "$(ls -A "$M")" ""
mount_demo
rsync -a --exclude=data mirror/web3/ "$P/drafts/vms/again/"
is "$(cat "$P/drafts/vms/again/memory")" "$(cat mirror/web3/memory)"
is "$(cat "$P/vms/web1/name")" web1
unmount
