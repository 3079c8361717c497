# cp in all its forms onto an attribute: one change each, whatever else it tries, and nothing left beside it.
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
ls -A "$vm" > before
cpus=4
for form in '' -f -p -a -u -L -P -d --no-preserve=all --preserve=all --attributes-only --remove-destination --sparse=always \
    --reflink=auto '-b -S .bak' --backup=numbered; do
    cpus=$((cpus % 16 + 1))
    # The kernel's clock for files stands still for some milliseconds: -u wants what is newer.
    sleep 0.02
    echo $cpus > value
    was=$(cat "$vm/cpus")
    reset_calls
    # shellcheck disable=SC2086
    cp $form value "$vm/cpus" || fail "cp $form"
    case $form in
    --attributes-only) is "$(cat "$vm/cpus") $(changes)" "$was 0" "cp $form" ;;
    *) is "$(cat "$vm/cpus") $(changes)" "$cpus 1" "cp $form" ;;
    esac
done
# A file that is there is not taken, nor a link made.
echo 9 > value
was=$(cat "$vm/cpus")
reset_calls
cp -n value "$vm/cpus" || true
refuses cp -l value "$vm/cpus" 2> errors
has ': File exists$' errors
refuses cp -s "$T/value" "$vm/.link" 2> errors
has ': Operation not permitted$' errors
is "$(cat "$vm/cpus") $(changes)" "$was 0"
within 12 bash -c "ls -A '$vm' | diff before -"
