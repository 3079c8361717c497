# Without allow_other nobody else enters (L8).
source "$LIB/case.sh"
mount_demo
is "$(setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/ "$LIB/fsop" list "$M")" EACCES
is "$(setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/ "$LIB/fsop" stat "$M/README")" EACCES
