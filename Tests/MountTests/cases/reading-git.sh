# git hashes a file by its path and by its content alike (R7).
source "$LIB/case.sh"
mount_demo
for file in "$P/vms/web1/info" "$P/vms/web1/status" "$P/overview"; do
    is "$(git hash-object "$file")" "$(git hash-object --stdin < "$file")"
done
