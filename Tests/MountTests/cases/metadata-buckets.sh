# What is noted about a bucket is set, read and removed as extended attributes of its directory.
source "$LIB/case.sh"
mount_demo
box=$P/buckets/box
mkdir "$box"
noted() { getfattr --absolute-names --only-values -n "user.infrafs.metadata$1" "$box"; }
is "$(noted '')" ""
reset_calls
setfattr -n user.infrafs.metadata.team -v red "$box"
setfattr -n user.infrafs.metadata.cost -v 'r&d, ünïcode' "$box"
is "$(calls bucket.metadata) $(changes)" "2 2"
is "$(noted .team)" red
is "$(noted '')" "cost: r&d, ünïcode
team: red"
has '"operation":"bucket.metadata".*"new":"red"' < "$M/.infrafs/audit"
# The same again is no call; what setxattr(2) is told to expect holds.
reset_calls
setfattr -n user.infrafs.metadata.team -v red "$box"
is "$(changes)" 0
xattr() { python3 -c 'import errno, os, sys
try: os.setxattr(sys.argv[1], "user.infrafs.metadata." + sys.argv[2], b"x", getattr(os, sys.argv[3]))
except OSError as error: print(errno.errorcode[error.errno])' "$box" "$@"; }
is "$(xattr team XATTR_CREATE)" EEXIST
is "$(xattr other XATTR_REPLACE)" ENODATA
is "$(xattr other XATTR_CREATE)" ""
is "$(noted .other)" x
expect ok removexattr "$box" user.infrafs.metadata.other
expect ENODATA removexattr "$box" user.infrafs.metadata.other
expect ENODATA getxattr "$box" user.infrafs.metadata.other
expect EINVAL setxattr "$box" user.infrafs.metadata.team $'two\nlines'
expect EINVAL setxattr "$box" user.infrafs.metadata.team ''
# Facts can be set to no effect, so that a backup can be put back, and are not removed.
expect ok setxattr "$box" user.infrafs.id other
differs "$(getfattr --absolute-names --only-values -n user.infrafs.id "$box")" other
expect EOPNOTSUPP removexattr "$box" user.infrafs.id
is "$(noted '')" "cost: r&d, ünïcode
team: red"
