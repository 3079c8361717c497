# A draft whose parameters contradict each other, or name what is not there, is refused as a whole: nothing is made.
source "$LIB/case.sh"
mount_demo
cp -r "$P/vms/web3" before
find "$P" -path '*/data' -prune -o -path "$P/drafts*" -prune -o -print | sort > tree
flavor=$(ls "$P/flavors" | head -n 1)
# refused ERRNO WORDS COLLECTION [FILE VALUE]...: by the rename; the reason is in the draft's .error, and the draft is as
# it was.
refused() {
    local errno=$1 words=$2 collection=$3 draft=$P/drafts/$3/new
    shift 3
    mkdir "$draft"
    while [ $# -gt 0 ]; do
        mkdir -p "$draft/$(dirname "$1")"
        printf '%s\n' "$2" > "$draft/$1"
        shift 2
    done
    cp -r "$draft" draft
    expect "$errno" rename "$draft" "$P/$collection/new"
    has "$words" "$draft/.error"
    has "$words" "$P/errors"
    refuses test -e "$P/$collection/new"
    diff -r draft "$draft"
    rm -r draft "$draft"
}
reset_calls
# mv takes EINVAL for a directory that is moved into itself, and says so.
refused ECANCELED 'contradicts the flavor' vms flavor "$flavor" memory 12345
refused ECANCELED 'contradicts uefi' vms secureboot yes uefi no
refused ECANCELED 'no-such-flavor' vms flavor no-such-flavor
refused ECANCELED 'no-such-image' vms iso no-such-image
refused ECANCELED 'no-such-profile' vms profile no-such-profile
refused ERANGE 'is not between' vms memory 999999999
refused ERANGE 'is not between' vms cpus 0
refused ERANGE 'is not between' vms disks/vda/size 99999999
refused ECANCELED 'no-such-image' vms image no-such-image
refused ECANCELED 'no-such-network' vms nics/eth0/network no-such-network
refused ECANCELED 'no-such-pool' vms disks/vda/pool no-such-pool
refused ECANCELED 'contradicts mode' networks nat yes mode isolated
refused ECANCELED 'needs a range' networks dhcp yes
echo x > "$P/refresh"
diff -r before "$P/vms/web3"
find "$P" -path '*/data' -prune -o -path "$P/drafts*" -prune -o -print | sort | diff tree -
