# A value that makes no sense is EINVAL, stops a chain, and changes nothing (W4).
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
before=$(cat "$vm/info")
reset_calls
for value in bogus '' ' ' 'up down' $'up\nup' UP¹; do expect EINVAL write "$vm/status" "${value:-?}"; done
for value in 12x -1 1.5 0x10 '1 2' '' 1e9 'ten' ٣; do expect EINVAL write "$vm/memory" "${value:-?}"; done
expect EINVAL write "$vm/autostart" perhaps
expect ERANGE write "$vm/cpus" 0
refuses bash -c "echo bogus > '$vm/status' && touch '$T/reached'" 2> /dev/null
refuses test -e reached
is "$(cat "$vm/info")" "$before"
is "$(changes)" 0
