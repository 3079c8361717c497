# A machine that was backed up by rsync is restored by rsync into a draft and one mv, however rsync writes.
# Limit: 120 s
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
rsync -a --exclude=data "$vm/" backup/
rm -r "$vm"
for options in -a '-a --inplace' '-a --delete' '-a --inplace --delete' '-rc --delete-after' '-a --append-verify'; do
    mkdir "$P/drafts/vms/web3"
    # What was there before and is no part of the backup: --delete takes it away.
    mkdir -p "$P/drafts/vms/web3/nics/eth9"
    echo office > "$P/drafts/vms/web3/nics/eth9/network"
    # shellcheck disable=SC2086
    rsync $options backup/ "$P/drafts/vms/web3/"
    case $options in
    *--delete*) refuses test -e "$P/drafts/vms/web3/nics/eth9" ;;
    *) rm -r "$P/drafts/vms/web3/nics/eth9" ;;
    esac
    reset_calls
    mv "$P/drafts/vms/web3" "$P/vms/"
    is "$(calls vm.create) $(changes)" "1 1" "rsync $options: $(cat "$P/.inject/calls")"
    is "$(ls "$P/drafts/vms")" ""
    # All but what only the platform can say.
    diff -r -x data -x id -x creation_date -x 'info*' backup "$vm" || fail "rsync $options"
    rm -r "$vm"
done
