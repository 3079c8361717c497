# grep, find and completion over the whole mount end, within a budget of calls, and change nothing (X8, X9).
source "$LIB/case.sh"
mount_demo
echo x > "$P/refresh"
reset_calls
timeout 50 grep -r needle-that-is-nowhere "$M" || is $? 1
timeout 20 find "$M" > /dev/null
is "$(changes)" 0
# The listing of each collection, once for each interval that it takes, and of each directory of objects; beside them nothing
# but the content that grep reads: no look at a single machine, disk or object.
is "$(awk '$1 !~ /\.(list|read)$/ && $1 !~ /^host\./ { print $1 }' "$P/.inject/calls")" ""
awk '$1 ~ /\.list$/ && $1 != "object.list" { print $2, $1 }' "$P/.inject/calls" > lists
while read -r count name; do at_most "$count" 5 "$name"; done < lists
at_most 8 "$(wc -l < lists)"
at_most "$(calls object.list)" $((5 * $(find "$P/buckets" -type d | wc -l)))
bash -c "compgen -f '$P/vms/web' > '$T/completion'"
is "$(wc -l < completion)" 3
bash -c "compgen -f '$P/vms/web1/' > '$T/completion'"
refuses grep -F '/.' completion
is "$(changes)" 0
