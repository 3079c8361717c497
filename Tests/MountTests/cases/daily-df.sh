# df lists the mount, and stat -f answers.
source "$LIB/case.sh"
mount_demo
df "$M" > table
grep -q " $M\$" table
# Nothing unknown, which df prints as "-".
refuses grep -E '(^| )-( |$)' table
is "$(df --output=source "$M" | tail -n 1)" infrafs:demo
# Other mounts of this machine may be in trouble.
df -h > all 2> /dev/null || true
grep -q " $M\$" all
stat -f "$M" > /dev/null
expect ok statvfs "$M"
