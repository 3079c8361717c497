# grep, find and completion over the whole mount end, within a budget of calls, and change nothing (X8, X9).
source "$LIB/case.sh"
mount_demo
echo x > "$P/refresh"
reset_calls
timeout 50 grep -r needle-that-is-nowhere "$M" || is $? 1
timeout 20 find "$M" > /dev/null
is "$(changes)" 0
at_most "$(calls vm.list)" 5
bash -c "compgen -f '$P/vms/web' > '$T/completion'"
is "$(wc -l < completion)" 3
bash -c "compgen -f '$P/vms/web1/' > '$T/completion'"
refuses grep -F '/.' completion
is "$(changes)" 0
