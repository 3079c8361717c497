# examples/backup archives the configuration, then only what changed; nothing when the provider is down.
# Limit: 90 s
source "$LIB/case.sh"
mount_demo
backup=$ROOT/examples/backup
is "$("$backup" "$P" b)" "$T/b/000-full.tar"
tar -tf b/000-full.tar > names
grep -qx vms/web1/memory names
grep -qx networks/default/cidr names
grep -qx "vms/web1/disks/vda/size" names
refuses grep -q '/data$' names
refuses grep -qE '^(buckets|events|jobs)' names

# What was read for the first time by the first archive counts once more; after that only what changes.
is "$("$backup" "$P" b/)" "$T/b/001-incremental.tar"
echo 7 > "$P/vms/web3/cpus"
is "$("$backup" "$P" b)" "$T/b/002-incremental.tar"
tar -tf b/002-incremental.tar | grep -v '/$' | sort > names
diff names - << 'END'
vms/web3/cpus
vms/web3/info
vms/web3/info.json
END
is "$(tar -xOf b/002-incremental.tar vms/web3/cpus)" 7

# An outage leaves the archives as they are.
allow_errors EHOSTUNREACH
inject outage yes
ls -A b > before
refuses "$backup" "$P" b 2> message
grep -q 'down: .*nothing was archived' message
ls -A b | diff before -
clear_fault outage

refuses "$backup" "$T" b 2> message
grep -q 'is no provider of a mount' message
