# infrafs-tree(7) describes every file of every resource, and every path it describes is there.
source "$LIB/case.sh"
mount_demo
page=$ROOT/man/infrafs-tree.7
mkdir "$P/vms/web1/snapshots/s1"

# The paths of a section: its items, several on one line are separated by ` , `.
described() {
    awk -v title=".Ss $1" '$0 == title { inside = 1; next } /^\.S[sh] / { inside = 0 } inside' "$page" |
        sed -n 's/^\.It Pa //p' | sed 's/ , /\n/g'
}
# described_below SECTION DIRECTORY FIRST...: FIRST names the elements that words in capitals stand for.
check() {
    local section=$1 directory=$2 path
    shift 2
    local -a names=("$@")
    described "$section" > paths
    [ -s paths ] || fail "infrafs-tree(7) has no paths for $section"
    while read -r path; do
        local real=$path name
        for name in "${names[@]}"; do real=${real//${name%%=*}/${name#*=}}; done
        [ -e "$directory/$real" ] || fail "infrafs-tree(7) describes $section$path; there is no $directory/$real"
    done < paths
    (cd "$directory" && find . -type f -printf '%P\n') | while read -r path; do
        for name in "${names[@]}"; do
            case $name in
            KEY=*) path=$(sed -E 's,^(metadata|properties)/.*,\1/KEY,' <<< "$path") ;;
            DISK=* | NIC=* | SNAP=*) path=${path/\/${name#*=}\//\/${name%%=*}/} ;;
            esac
        done
        grep -qxF "$path" paths || fail "infrafs-tree(7) does not describe $section$path"
    done
}
check vms/NAME/ "$P/vms/web1" DISK=vda NIC=eth0 SNAP=s1 KEY=owner STATE=up
first() { find "$P/$1" -mindepth 1 -maxdepth 1 | sort | head -n 1; }
check disks/DISK/ "$(first disks)"
check pools/POOL/ "$(first pools)"
check networks/NET/ "$(first networks)"
check subnets/SUBNET/ "$(first subnets)"
check images/IMAGE/ "$(first images)" KEY=architecture
check isos/ISO/ "$(first isos)"
check flavors/FLAVOR/ "$(first flavors)"
check security_groups/GROUP/ "$(first security_groups)"

# A provider's own files, and those of the mount.
section() { awk -v title=".Sh $1" '$0 == title { inside = 1; next } /^\.S[sh] / { inside = 0 } inside' "$page" | sed -n 's/^\.It Pa //p' | sed 's/ , /\n/g'; }
section 'A PROVIDER' > paths
while read -r path; do [ -e "$P/$path" ] || fail "infrafs-tree(7) describes $path of a provider, which is not there"; done < paths
collections='vms|disks|pools|networks|subnets|images|isos|flavors|buckets|security_groups|dns'
find "$P" -mindepth 1 -maxdepth 1 -printf '%P\n' | grep -vxE "$collections" | while read -r path; do
    grep -qxE "$path/?" paths || fail "infrafs-tree(7) does not describe $path of a provider"
done
section 'THE MOUNT POINT' | sed 's,^PROVIDER/,demo/,' | while read -r path; do
    [ -e "$M/$path" ] || fail "infrafs-tree(7) describes $path of the mount, which is not there"
done
find "$M/.infrafs" -type f -printf '%f\n' | while read -r path; do
    grep -q "^\.It Pa \.infrafs/$path" "$page" || fail "infrafs-tree(7) does not describe .infrafs/$path"
done
section 'SIMULATED PROVIDERS' | while read -r path; do [ -e "$P/$path" ]; done
find "$P/.inject" -type f -printf '.inject/%f\n' | while read -r path; do
    grep -qxF ".It Pa $path" "$page" || fail "infrafs-tree(7) does not describe $path"
done

# dns/ZONE/NAME holds a file for each type, and ttl.
[ -e "$P/dns/example.com/www/ttl" ]
