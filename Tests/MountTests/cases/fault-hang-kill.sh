# A reader of a hung provider dies by SIGKILL: none is left in D state (X5).
source "$LIB/case.sh"
mount_demo
inject hang '*'
echo x > "$P/refresh" || true
for _ in 1 2 3; do
    cat "$P/vms/web1/info.json" > /dev/null 2>&1 &
    readers+=($!)
done
sleep 0.4
for reader in "${readers[@]}"; do kill -KILL "$reader" 2> /dev/null || true; done
for reader in "${readers[@]}"; do within 1 is_gone "$reader"; wait "$reader" 2> /dev/null || true; done
is "$(ps -eo stat=,args= | awk -v m="$M" '$1 ~ /^D/ && index($0, m)')" ""
inject hang
within 10 grep -q web1 "$P/vms/web1/name"
