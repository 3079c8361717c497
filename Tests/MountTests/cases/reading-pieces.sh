# Every way to read a part agrees with the whole (R10).
source "$LIB/case.sh"
mount_demo
file=$P/vms/web1/info
whole=$(cat "$file"; echo .)
whole=${whole%.}
printf %s "$whole" > whole
dd if="$file" bs=1 status=none | cmp - whole
dd if="$file" bs=3 skip=1 status=none | cmp - <(tail -c +4 whole)
is "$(head -c 5 "$file")" "$(head -c 5 whole)"
is "$(tail -c 5 "$file")" "$(tail -c 5 whole)"
tac "$file" | cmp - <(tac whole)
is "$(wc -c < "$file")" "$(wc -c < whole)"
is "$(wc -l < "$file")" "$(wc -l < whole)"
expect ok read-at "$file" 100000
