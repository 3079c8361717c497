# YAML bombs, deep nesting, rubbish and contradictions in a draft's document are refused, quickly, and leave it as it was.
source "$LIB/case.sh"
mount_demo
draft=$P/drafts/vms/app1
mkdir "$draft"
printf 'memory: 2048\n' > "$draft/info"
refused() {
    local start
    start=$(milliseconds)
    matches "$(fsop write-file "$draft/info" "$1")" '^(EINVAL|EFBIG)$'
    at_most $(($(milliseconds) - start)) 5000 "ms for $1"
    is "$(cat "$draft/info")" "memory: 2048"
}
{
    echo 'a: &a [x, x, x, x, x, x, x, x, x]'
    for pair in ab bc cd de ef fg gh hi; do
        from=${pair:0:1}
        echo "${pair:1:1}: &${pair:1:1} [*$from, *$from, *$from, *$from, *$from, *$from, *$from, *$from, *$from]"
    done
    echo 'metadata: {bomb: *i}'
} > bomb
refused bomb
(printf 'metadata: '; printf '[%.0s' $(seq 20000); printf ']%.0s' $(seq 20000)) > nested
refused nested
head -c 32768 /dev/urandom > binary
refused binary
head -c 1048576 /dev/zero | tr '\0' a > much
refused much
printf 'memory: 1024\nmemory: 2048\n' > twice
refused twice
printf 'memory: 1024\n---\nmemory: 2048\n' > documents
refused documents
printf 'memory: &x 1024\ncpus: *y\n' > anchor
refused anchor
printf '!!python/object/apply:os.system ["touch %s/reached"]\n' "$T" > tag
refused tag
refuses test -e reached
# What contradicts itself is told at the latest when it is to be made, and then nothing is made.
echo 1024 > "$draft/memory"
matches "$(fsop rename "$draft" "$P/vms/app1")" '^(ok|ECANCELED)$'
mkdir "$P/drafts/vms/app2"
echo no-such-flavor > "$P/drafts/vms/app2/flavor"
matches "$(fsop rename "$P/drafts/vms/app2" "$P/vms/app2")" '^(ECANCELED|ENOENT|EINVAL)$'
refuses test -e "$P/vms/app2"
has no-such-flavor "$P/errors"
