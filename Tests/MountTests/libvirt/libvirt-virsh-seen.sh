# A change by virsh is in a fresh read within 100 ms of its return, and in events.
# Limit: 120 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab
make_guest seen1
vm=$P/vms/seen1
tail -n 0 -f "$P/events" > seen &
tail=$!
at_end 'kill $tail 2> /dev/null'
# follows FILE VALUE: within 100 ms of now.
follows() {
    local end=$(($(milliseconds) + 100))
    until reads "$1" "$2"; do
        [ "$(milliseconds)" -lt $end ] || fail "line ${BASH_LINENO[0]}: $1 is '$(cat "$1")' after 100 ms, expected '$2'"
    done
}
is "$(cat "$vm/description")" ""
virsh desc seen1 --config 'told by virsh' > /dev/null
follows "$vm/description" 'told by virsh'
virsh start seen1 > /dev/null
follows "$vm/status" up
virsh suspend seen1 > /dev/null
follows "$vm/status" suspended
virsh resume seen1 > /dev/null
follows "$vm/status" up
virsh destroy seen1 > /dev/null
follows "$vm/status" down
virsh dumpxml --inactive seen1 | sed 's,<\(memory\|currentMemory\) .*,<\1 unit="MiB">128</\1>,' > seen1.xml
virsh define seen1.xml > /dev/null
follows "$vm/memory" 128
# libvirt tells nobody of this: it shows when the listing is as old as it may be.
virsh setmaxmem seen1 64M --config > /dev/null
within 7 reads "$vm/memory" 64
virsh undefine seen1 --remove-all-storage > /dev/null
end=$(($(milliseconds) + 100))
while [ -e "$vm" ]; do [ "$(milliseconds)" -lt $end ] || fail "still listed after 100 ms"; done
within 2 grep -q '"name":"seen1".*"attributes":\[[^]]*"status"' seen
