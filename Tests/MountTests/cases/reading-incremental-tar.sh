# tar's incremental dump: no warning, and nothing in the second (R4).
source "$LIB/case.sh"
mount_demo
# A change within the second of the dump counts as newer.
sleep 1.1
tar -C "$M" --exclude=data --exclude=events --listed-incremental=s -cf 1.tar demo 2> warnings
is "$(cat warnings)" ""
tar -C "$M" --exclude=data --exclude=events --listed-incremental=s -cvf 2.tar demo > second 2> warnings
is "$(grep -v '/$' second || true)" ""
is "$(cat warnings)" ""
