# A mount that dies in the middle of rsync takes nothing with it: the mirror has all that it had (L4).
# Limit: 120 s
#
# By --delete-after, or by --delete with --no-inc-recursive. By --delete alone rsync 3.5 deletes what is in a directory that it
# cannot read, on every filesystem, once it could not open a file before: the side that deletes hears of the first error only
# where that was in a listing (send_extra_file_list of its flist.c). The manual advises against it.
source "$LIB/case.sh"
seed
fleet() {
    mount_config <<'Y'
providers:
  demo: {type: fake, vms: 200}
Y
}
fleet
rsync -a --exclude=data "$P/vms/" mirror/
find mirror | sort > before
caught=0
for way in --delete-after '--delete --no-inc-recursive' --delete-after '--delete --no-inc-recursive' --delete-after \
    '--delete --no-inc-recursive'; do
    # Everything differs by its time, so that each file is read and written anew.
    find mirror -type f -exec touch -d yesterday {} +
    # shellcheck disable=SC2086
    rsync -a $way --exclude=data "$P/vms/" mirror/ > /dev/null 2>&1 &
    copying=$!
    sleep "0.$((RANDOM % 300 + 100))"
    kill_daemon
    status=0
    wait $copying || status=$?
    # One that was done before says nothing.
    if [ $status -ne 0 ]; then caught=$((caught + 1)); fi
    find mirror | sort | comm -23 before - > missing
    is "$(cat missing)" "" "rsync $way: $status"
    # Nor is anything of it cut short.
    is "$(find mirror -name name -size 0)" ""
    fleet
done
[ $caught -ge 1 ] || fail "rsync was done before each kill"
rsync -a --delete --exclude=data "$P/vms/" mirror/
find mirror | sort | diff before -
unmount
