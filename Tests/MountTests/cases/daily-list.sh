# ls -l of everything: no unreadable entry, exact types and modes.
source "$LIB/case.sh"
mount_demo
ls -l "$P/vms" > list
is "$(tail -n +2 list | wc -l)" 12
refuses grep -v -E '^(total|d)' list
ls -laR "$M" > all 2> errors
refuses test -s errors
refuses grep -F '?' all
is "$(stat -c %A "$P/vms/web1/id")" -r--------
is "$(stat -c %A "$P/vms/web1/status")" -rw-------
