# A creation over the quota is EDQUOT and leaves no ghost (C3).
source "$LIB/case.sh"
mount_demo
ls "$P/vms" > before
inject error "vm.create quota-exceeded"
expect EDQUOT mkdir "$P/vms/q"
ls "$P/vms" | diff before -
expect ENOENT stat "$P/vms/q"
unmount
mount_config <<'Y'
providers:
  demo: {type: fake, vms: 3, quota: 4}
Y
expect ok mkdir "$P/vms/one"
expect EDQUOT mkdir "$P/vms/two"
is "$(ls "$P/vms" | wc -l)" 4
