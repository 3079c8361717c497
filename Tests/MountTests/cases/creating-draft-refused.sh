# A draft that cannot be made stays as it was, and nothing is made.
source "$LIB/case.sh"
mount_demo
draft=$P/drafts/vms/app1
mkdir "$draft"
echo 2048 > "$draft/memory"
expect EINVAL write "$draft/memory" much
is "$(cat "$draft/memory")" 2048
echo no-such-image > "$draft/image"
# mv takes EINVAL for a directory that is moved into itself, and says so.
expect ECANCELED rename "$draft" "$P/vms/app1"
is "$(cat "$draft/memory") $(cat "$draft/image")" "2048 no-such-image"
refuses test -e "$P/vms/app1"
test -s "$draft/.error" || has no-such-image "$P/errors"
echo debian-12 > "$draft/image"
inject error "vm.create quota-exceeded"
expect EDQUOT rename "$draft" "$P/vms/app1"
is "$(cat "$draft/memory")" 2048
inject error
expect EEXIST rename "$draft" "$P/vms/web1"
expect ok rename "$draft" "$P/vms/app1"
