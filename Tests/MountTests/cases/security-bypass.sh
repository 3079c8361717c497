# read_only and protect hold against every way round: truncate, setattr, scratch, drafts, clone, disks, buckets.
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo: {type: fake, read_only: true}
  kept: {type: fake, protect: ["vms/*", "disks/*", "networks/*", "buckets/*", "pools/*", "security_groups/*", "dns/*"]}
Y
# refused PROVIDER ERRNO: each way, and then nothing has changed.
refused() {
    local p=$M/$1 want=$2 vm=$M/$1/vms/web3 bucket object disk
    P=$p
    reset_calls
    cp -r "$vm" "$1.before"
    bucket=$(find "$p/buckets" -mindepth 1 -maxdepth 1 | head -n 1)
    object=$(find "$bucket" -type f | head -n 1)
    disk=$(ls "$vm/disks" | head -n 1)
    expect "$want" overwrite "$vm/memory" 4096
    expect "$want" append "$vm/metadata/plan" other
    expect "$want" rename "$vm" "$p/vms/other"
    expect "$want" rename "$vm/disks/$disk" "$p/disks/taken"
    expect "$want" write "$vm/clone" copy
    expect "$want" write "$vm/name" other
    expect "$want" mkdir "$vm/snapshots/now"
    expect "$want" mkdir "$vm/nics/eth7"
    expect "$want" rmdir "$vm"
    expect "$want" unlink "$object"
    expect "$want" truncate "$object" 0
    expect "$want" append "$object" more
    expect "$want" create "$bucket/new"
    expect "$want" mkdir "$bucket/new"
    expect "$want" rename "$object" "$bucket/moved"
    expect "$want" rmdir "$bucket"
    expect "$want" rmdir "$p/networks/$(ls "$p/networks" | head -n 1)"
    # Success without effect, as on any file; never a change.
    for way in 'truncate 0' 'chmod 777' 'chown 0' touch; do
        # shellcheck disable=SC2086
        set -- $way
        expect ok "$1" "$vm/memory" ${2+"$2"}
    done
    # That others may read it is a fact of the object.
    expect "$want" chmod "$object" "$(stat -c %a "$object" | sed 's/4$/0/; t; s/0$/4/')"
    expect ok setxattr "$vm" user.infrafs.id other
    # By scratch, which is memory of the daemon, and a rename.
    printf '4096\n' > "$vm/.memory.tmp"
    expect "$want" rename "$vm/.memory.tmp" "$vm/memory"
    rm "$vm/.memory.tmp"
    # By a draft, which may be made, and of the same name.
    mkdir "$p/drafts/vms/web3" "$p/drafts/vms/fresh"
    expect EEXIST rename "$p/drafts/vms/web3" "$p/vms/web3"
    expect "$want" rename "$p/drafts/vms/fresh" "$p/vms/fresh"
    rmdir "$p/drafts/vms/web3" "$p/drafts/vms/fresh"
    is "$(changes)" 0 "$(cat "$p/.inject/calls")"
    diff -r "${p##*/}.before" "$vm"
}
refused demo EROFS
refused kept EPERM
