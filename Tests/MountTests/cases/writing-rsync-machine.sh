# rsync of a machine's backup onto another machine sets what can be set and says of each of the others why it cannot.
# Limit: 120 s
source "$LIB/case.sh"
mount_demo
rsync -a --exclude=data "$P/vms/web3/" backup/
whole "$P/vms/web3" > all
facts='console creation_date fault id image info info.json ip ips pending ports raw_status'
parts='boot bus format path pool type'
# onto OPTIONS: a machine of its own, which is as the backup then, but for facts.
onto() {
    mkdir "$P/vms/other"
    echo down > "$P/vms/other/status"
    await_status other down
    local id status=0
    id=$(cat "$P/vms/other/id")
    # shellcheck disable=SC2086
    timeout 60 rsync $1 --exclude=/name backup/ "$P/vms/other/" 2> errors || status=$?
    is "$1: $status" "$1: 23" "$(cat errors)"
    # Of each fact that would change, and of nothing else; no flavor is none to set.
    sed -i '/"flavor": Operation canceled (125)$/d' errors
    sed -n 's#.*\(-> \|open \)"\([^"]*\)".*: Operation not permitted (1)$#\2#p' errors |
        sed "s#.*vms/other/##; s#^disks/vda/##" | sort > refused
    is "$(grep -c '^rsync: ' errors)" "$(wc -l < refused)" "$(cat errors)"
    comm -23 refused <(printf '%s\n' $facts $parts | sort) > unexpected
    is "$(cat unexpected)" ""
    for name in id creation_date image info info.json; do has -x $name refused; done
    is "$(cat "$P/vms/other/id") $(cat "$P/vms/other/name")" "$id other"
    for name in autostart cpus memory description domain owner plan profile user status disks/vda/size metadata/plan \
        nics/eth0/network nics/eth0/mac; do
        is "$name $(cat "$P/vms/other/$name")" "$name $(cat "backup/$name")" "rsync $1"
    done
    is "$(ls -A "$P/vms/other" "$P/vms/other/disks/vda" | grep -c '^\.[a-z]')" 0
    rm -r "$P/vms/other"
    ls "$P/vms" > names
}
onto -aI
onto '-aI --inplace'
onto '-rc --delete'
onto '-aI --inplace --delete'
# The name of one that is there is refused, and the machine is as far as rsync came: the other is what it was.
mkdir "$P/vms/other"
echo down > "$P/vms/other/status"
await_status other down
refuses rsync -aI backup/ "$P/vms/other/" 2> errors
has '"name": File exists (17)$' errors
is "$(cat "$P/vms/other/name")" other
rm -r "$P/vms/other"
echo x > "$P/refresh"
whole "$P/vms/web3" | diff all -
