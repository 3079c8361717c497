# Truncation, touch and an empty write succeed, call nobody and change nothing (W3).
source "$LIB/case.sh"
mount_demo
for name in status memory description; do
    file=$P/vms/web3/$name
    value=$(cat "$file")
    reset_calls
    : > "$file"
    truncate -s 0 "$file"
    touch "$file"
    is "$(changes)" 0
    is "$(cat "$file")" "$value"
done
