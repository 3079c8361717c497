# Names that cannot be are refused with a precise errno.
source "$LIB/case.sh"
mount_demo
long=$(printf 'n%.0s' $(seq 256))
expect ENAMETOOLONG mkdir "$P/vms/$long"
expect ENAMETOOLONG stat "$P/vms/$long"
expect ok mkdir "$P/vms/${long:0:200}"
expect EINVAL mkdir "$P/vms/.hidden"
expect EPERM mkdir "$M/new"
expect EPERM mkdir "$P/new"
expect EPERM mkdir "$P/vms/web1/new"
matches "$(fsop mkdir "$P/vms/$(printf 'a\001b')")" '^EINVAL$'
expect ENOTDIR stat "$P/vms/web1/status/x"
expect ENOENT stat "$P/vms/none/status"
