# Every operation on a hung provider ends by its deadline with ETIMEDOUT (X7).
source "$LIB/case.sh"
allow_errors never
mount_config <<'Y'
providers:
  demo: {type: fake, timeout: 1500ms}
Y
ls "$P/vms" > /dev/null
inject hang '*'
check() {
    local start
    start=$(milliseconds)
    expect ETIMEDOUT "$@"
    at_most $(($(milliseconds) - start)) 4000 "$*"
}
check write "$P/vms/web3/status" up
check mkdir "$P/vms/new"
check rmdir "$P/vms/web3"
check rename "$P/vms/web3" "$P/vms/other"
check mkdir "$P/vms/web3/disks/new"
echo x > "$P/refresh" || true
check list "$P/vms"
check read "$P/vms/web1/info.json"
inject hang
within 5 ls "$P/vms"
