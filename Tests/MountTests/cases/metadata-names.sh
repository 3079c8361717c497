# Odd and equal names are reachable, distinct and reversible (M10).
source "$LIB/case.sh"
mount_demo
is "$(cat "$P/vms/büro%2Fkasse 1/name")" "büro/kasse 1"
is "$(ls -d "$P"/vms/build1~* | wc -l)" 2
is "$(cat "$P"/vms/build1~*/name | sort -u)" build1
differs "$(stat -c %i "$P"/vms/build1~* | head -n 1)" "$(stat -c %i "$P"/vms/build1~* | tail -n 1)"
expect ENOENT stat "$P/vms/build1"
inject outside "vm.create .hidden"
within 2 test -d "$P/vms/%2Ehidden"
is "$(cat "$P/vms/%2Ehidden/name")" .hidden
# A name of 255 bytes, and one whose encoded form would be longer than a file's name can be.
long=$(printf 'n%.0s' $(seq 255))
inject outside "vm.create $long"
within 2 test -d "$P/vms/$long"
is "$(cat "$P/vms/$long/name")" "$long"
slashes=$(printf 's/%.0s' $(seq 100))
inject outside "vm.create $slashes"
within 2 bash -c "ls '$P/vms' | grep -q '^s%2F'"
name=$(ls "$P/vms" | grep '^s%2F')
at_most ${#name} 255
is "$(cat "$P/vms/$name/name")" "$slashes"
# As long as a name can be, in letters of two bytes each.
wide=$(printf 'ü%.0s' $(seq 127))
inject outside "vm.create $wide"
within 2 test -d "$P/vms/$wide"
is "$(cat "$P/vms/$wide/name")" "$wide"
# Each of two of one name is itself.
first=$(ls -d "$P"/vms/build1~* | head -n 1) second=$(ls -d "$P"/vms/build1~* | tail -n 1)
echo 'the first' > "$first/description"
is "$(cat "$first/description")" 'the first'
differs "$(cat "$second/description")" 'the first'
is "${first##*~} ${second##*~}" "$(cat "$first/id") $(cat "$second/id")"
# The two names that mean directories.
for pair in '%2E:.' '%2E.:..'; do
    mkdir "$P/vms/${pair%%:*}"
    is "$(cat "$P/vms/${pair%%:*}/name")" "${pair#*:}"
    ls "$P/vms" | has -Fx "${pair%%:*}"
    echo down > "$P/vms/${pair%%:*}/status"
    await_status "${pair%%:*}" down
    rmdir "$P/vms/${pair%%:*}"
done
mkdir "$P/vms/grün%2Fweiß"
is "$(cat "$P/vms/grün%2Fweiß/name")" "grün/weiß"
