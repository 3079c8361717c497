# Tools that write into a file change a running machine; those that remove it first are refused with EBUSY and change
# nothing.
# Limit: 120 s
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web1
ls -lA "$vm" > before
value=10
# changed COMMAND: with the value's file as $1 and the attribute as $2: one call, and nothing left beside it.
changed() {
    value=$((value + 1))
    echo "storefront $value" > value
    reset_calls
    bash -c "$1" bash value "$vm/description" || fail "$1"
    is "$(cat "$vm/description")" "storefront $value" "$1"
    is "$(calls vm.description) $(changes)" "1 1" "$1: $(cat "$P/.inject/calls")"
}
# shellcheck disable=SC2016
for way in 'cat "$1" > "$2"' 'cp "$1" "$2"' 'cp -f "$1" "$2"' 'cp -a "$1" "$2"' 'dd if="$1" of="$2" status=none' \
    'tee "$2" < "$1" > /dev/null' 'rsync -I "$1" "$2"' 'rsync --inplace -I "$1" "$2"' 'rsync -a --ignore-times "$1" "$2"' \
    'sed -i "s/.*/$(cat "$1")/" "$2"' 'install -b "$1" "$2"' \
    'cp "$1" "$2.tmp" && mv "$2.tmp" "$2"' 'cp --no-preserve=all -T "$1" "$2"' \
    'python3 -c "import shutil, sys; shutil.copyfile(sys.argv[1], sys.argv[2])" "$1" "$2"'; do
    changed "$way"
done
within 12 bash -c "ls -A '$vm' | diff <(awk 'NR > 1 { print \$NF }' before) -"

# refused COMMAND
refused() {
    echo 'storefront, refused' > value
    whole > tree
    reset_calls
    refuses bash -c "$1" bash value "$vm/description" < /dev/null 2> errors
    has ': Device or resource busy$' errors || fail "$1: $(cat errors)"
    is "$(changes)" 0 "$1: $(cat "$P/.inject/calls")"
    echo x > "$P/refresh"
    whole | diff tree - || fail "$1"
    is "$(cat value)" 'storefront, refused'
}
# shellcheck disable=SC2016
for way in 'install "$1" "$2"' 'mv "$1" "$2"' 'mv -f "$1" "$2"' 'cp --remove-destination "$1" "$2"' \
    'unlink "$2"' 'tar -cf - "$1" | tar -C "${2%/*}" --transform s/value/description/ --unlink-first -xf -'; do
    refused "$way"
done
