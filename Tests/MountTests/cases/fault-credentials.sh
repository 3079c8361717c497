# Credentials that expired are EKEYEXPIRED, for reading and for writing (W7).
source "$LIB/case.sh"
mount_demo
inject error "* credentials-expired"
echo x > "$P/refresh"
expect EKEYEXPIRED read "$P/vms/web1/info.json"
expect EKEYEXPIRED write "$P/vms/web3/status" up
inject error "* credentials-rejected"
echo x > "$P/refresh"
expect EKEYREJECTED write "$P/vms/web3/status" up
inject error "* credentials-missing"
echo x > "$P/refresh"
expect ENOKEY write "$P/vms/web3/status" up
