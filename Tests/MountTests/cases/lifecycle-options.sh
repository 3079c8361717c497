# No setuid programs and no devices through the mount (L9).
source "$LIB/case.sh"
mount_demo
matches "$(findmnt -no OPTIONS "$M")" nosuid
matches "$(findmnt -no OPTIONS "$M")" nodev
is "$(find "$M" -perm /6000 -o -type b -o -type c)" ""
