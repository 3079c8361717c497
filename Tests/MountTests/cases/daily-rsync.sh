# rsync twice: the second run finds nothing to do.
source "$LIB/case.sh"
mount_demo
rsync -a --exclude=data "$P/" mirror/
is "$(rsync -ai --exclude=data "$P/" mirror/)" ""
diff -r --exclude=data --exclude=events "$P" mirror
