# The mount says what it is (M8).
source "$LIB/case.sh"
mount_demo
is "$(findmnt -no FSTYPE,SOURCE "$M")" "fuse.infrafs infrafs:demo"
