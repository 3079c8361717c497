# cp -a, chmod, chown and touch succeed and call nobody (M11).
source "$LIB/case.sh"
mount_demo
file=$P/vms/web3/cpus
value=$(cat "$file")
cp -a "$file" copy
reset_calls
chmod 600 "$file"
chown "$UID" "$file"
touch -d yesterday "$file"
touch "$file"
cp -a copy "$file"
is "$(cat "$file")" "$value"
is "$(changes)" 0 "$(cat "$P/.inject/calls")"
