# With -o inotify, what virsh does is told to those who watch the mount.
# Limit: 120 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab -o inotify
make_guest watched1
inotifywait -q -m --format '%w %e %f' -e modify,create,delete,attrib "$P/vms" "$P/vms/watched1/status" > seen &
watcher=$!
at_end "kill $watcher 2> /dev/null"
within 10 bash -c "grep -qs '^inotify ' /proc/$watcher/fdinfo/*"
virsh start watched1 > /dev/null
within 10 grep -q "status MODIFY" seen
virsh dumpxml --inactive watched1 | sed '/<uuid>/d; s,<name>.*</name>,<name>watched2</name>,; /<mac /d' > other.xml
virsh define other.xml > /dev/null
within 10 grep -q "CREATE,ISDIR watched2" seen
virsh undefine watched2 > /dev/null
within 10 grep -q "DELETE,ISDIR watched2" seen
