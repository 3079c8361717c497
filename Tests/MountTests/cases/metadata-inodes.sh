# A remount gives every file the inode that it had (M2).
source "$LIB/case.sh"
mount_demo
find "$P" -printf '%i %p\n' | sort > before
is "$(cut -d ' ' -f 1 before | sort | uniq -d)" ""
unmount
mount_demo
find "$P" -printf '%i %p\n' | sort > after
diff before after
