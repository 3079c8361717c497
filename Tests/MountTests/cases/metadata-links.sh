# Link counts mislead no walk (M4).
source "$LIB/case.sh"
mount_demo
is "$(find "$P" -type d | wc -l)" "$(find "$P" -noleaf -type d | wc -l)"
is "$(stat -c %h "$P/vms/web1/status")" 1
