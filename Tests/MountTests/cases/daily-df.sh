# df lists the mount, and stat -f answers.
source "$LIB/case.sh"
mount_demo
df "$M" > table
grep -q " $M\$" table
is "$(df --output=source "$M" | tail -n 1)" infrafs:demo
df -h > all
grep -q " $M\$" all
stat -f "$M" > /dev/null
expect ok statvfs "$M"
