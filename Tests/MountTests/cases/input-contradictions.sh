# A draft that names what is not there is refused as a whole: nothing is made, and the reason has the name.
source "$LIB/case.sh"
mount_demo
mkdir "$P/drafts/vms/app2"
echo no-such-flavor > "$P/drafts/vms/app2/flavor"
matches "$(fsop rename "$P/drafts/vms/app2" "$P/vms/app2")" '^(ECANCELED|ENOENT|EINVAL)$'
refuses test -e "$P/vms/app2"
has no-such-flavor "$P/errors"
