# A draft whose parameters contradict each other, or name what is not there, is refused as a whole: nothing is made.
source "$LIB/case.sh"
mount_demo
cp -r "$P/vms/web3" before
find "$P" -path '*/data' -prune -o -path "$P/drafts*" -prune -o -print | sort > tree
flavor=$(ls "$P/flavors" | head -n 1)
# refused WORDS COLLECTION [FILE VALUE]...: by the rename; the reason is in the draft's .error, and the draft is as it was.
refused() {
    local words=$1 collection=$2 draft=$P/drafts/$2/new
    shift 2
    mkdir "$draft"
    while [ $# -gt 0 ]; do
        mkdir -p "$draft/$(dirname "$1")"
        printf '%s\n' "$2" > "$draft/$1"
        shift 2
    done
    cp -r "$draft" draft
    # mv takes EINVAL for a directory that is moved into itself, and says so.
    matches "$words: $(fsop rename "$draft" "$P/$collection/new")" ': (ECANCELED|ENOENT)$'
    has "$words" "$draft/.error"
    has "$words" "$P/errors"
    refuses test -e "$P/$collection/new"
    diff -r draft "$draft"
    rm -r draft "$draft"
}
reset_calls
refused 'contradicts the flavor' vms flavor "$flavor" memory 12345
refused 'contradicts uefi' vms secureboot yes uefi no
refused 'no-such-flavor' vms flavor no-such-flavor
refused 'no-such-image' vms image no-such-image
refused 'no-such-network' vms nics/eth0/network no-such-network
refused 'no-such-pool' vms disks/vda/pool no-such-pool
refused 'contradicts mode' networks nat yes mode isolated
refused 'needs a range' networks dhcp yes
echo x > "$P/refresh"
diff -r before "$P/vms/web3"
find "$P" -path '*/data' -prune -o -path "$P/drafts*" -prune -o -print | sort | diff tree -
