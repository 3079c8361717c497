# A draft whose parameters contradict one another is refused with the names of both, and stays as it was.
source "$LIB/case.sh"
mount_demo
mkdir "$P/drafts/vms/odd"
draft=$P/drafts/vms/odd
attempt() {
    local words=$1 before
    before=$(cd "$draft" && find . -type f | sort | xargs -r tail -n +1)
    expect ECANCELED rename "$draft" "$P/vms/odd"
    grep -q "$words" <(tail -n 1 "$P/errors") || fail "'$(tail -n 1 "$P/errors")' does not say $words"
    is "$(cd "$draft" && find . -type f | sort | xargs -r tail -n +1)" "$before"
    refuses test -e "$P/vms/odd"
    grep -q '^# cannot\|^name' "$draft/.plan"
    find "$draft" -mindepth 1 -delete
}
echo large > "$draft/flavor"
echo 1 > "$draft/cpus"
attempt 'cpus 1 contradicts the flavor large'
echo no > "$draft/uefi"
echo yes > "$draft/secureboot"
attempt 'secureboot yes contradicts uefi no'
mkdir -p "$draft/nics/eth0"
echo none > "$draft/nics/eth0/network"
attempt 'no network named none'
mkdir -p "$draft/disks/d1"
echo 10 > "$draft/disks/d1/size"
echo none > "$draft/disks/d1/pool"
attempt 'none'
echo 'disks: [10, {name: vda, size: 6}, {name: vda, size: 7}]' > "$draft/info"
attempt 'vda'
# What a file says goes over the document.
echo 'memory: 2048' > "$draft/info"
echo 1024 > "$draft/memory"
mv "$draft" "$P/vms/odd"
is "$(cat "$P/vms/odd/memory")" 1024
