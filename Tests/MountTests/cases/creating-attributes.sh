# A machine is there with all its attributes when mkdir returns (C1), and EEXIST the second time (C2).
source "$LIB/case.sh"
mount_demo
mkdir "$P/vms/new"
for name in status raw_status id name memory cpus info info.json; do test -s "$P/vms/new/$name" || fail "no $name"; done
ls -l "$P/vms/new" > /dev/null
reset_calls
expect EEXIST mkdir "$P/vms/new"
expect EEXIST mkdir "$P/vms/web1"
mkdir -p "$P/vms/web1"
is "$(changes)" 0
