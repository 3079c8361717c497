# YAML bombs, depth, size and other documents that are none: refused in no time when they are closed, nothing is kept.
source "$LIB/case.sh"
mount_demo
draft=$P/drafts/vms/odd
mkdir "$draft"
echo 'memory: 2048' > "$draft/info"
{
    echo 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]'
    for level in $(seq 9); do
        below="*a$((level - 1))"
        echo "a$level: &a$level [$below, $below, $below, $below, $below, $below, $below, $below, $below, $below]"
    done
} > bomb
printf 'memory: %s%s\n' "$(printf '[%.0s' $(seq 2000))" "$(printf ']%.0s' $(seq 2000))" > deep
printf 'memory: &x [*x]\n' > loop
printf 'memory: 1024\nmemory: 2048\n' > twice
printf 'memory: !!python/object:os.system x\n' > tag
printf 'memory: 1\n---\nmemory: 2\n' > two
printf '\377\376memory\n' > binary
printf 'memory: [1, 2\n' > open
printf '%s' '- memory' > list
printf 'memmory: 1\n' > unknown
memory() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$DAEMON/status"; }
before=$(memory)
for document in bomb deep loop twice tag two binary open list unknown; do
    start=$(milliseconds)
    is "$document $(fsop put "$draft/info" "$document")" "$document EINVAL"
    at_most $(($(milliseconds) - start)) 2000 "$document"
done
head -c 1048576 /dev/zero | tr '\0' '#' > large
expect EFBIG put "$draft/info" large
# 1200 as measured, most of it for code that runs for the first time.
at_most $(($(memory) - before)) 4000 "KiB more for documents that were refused"
is "$(grep -v '^name' "$draft/.plan")" "memory: 2048"
is "$(ls "$draft")" info
is "$(ls "$P/vms" | wc -l)" 12
