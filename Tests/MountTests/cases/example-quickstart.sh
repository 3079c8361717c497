# examples/quickstart mounts, shows a tour, and leaves the mount or a shell in it.
source "$LIB/case.sh"
at_end 'fusermount3 -uz "$HOME/fleet" 2> /dev/null'
at_end 'fusermount3 -uz "$T/fleet" 2> /dev/null'
export INFRAFS_BINARY=$INFRAFS
"$ROOT/examples/quickstart" --no-shell > tour
has '^NAME .*STATUS' < tour
has 'echo up > demo/vms/web3/status' < tour
refuses grep 'it failed' tour
is "$(cat "$HOME/fleet/demo/vms/web3/status")" up
is "$(cat "$HOME/fleet/demo/vms/app1/memory")" 2048
fusermount3 -u "$HOME/fleet"
# A shell inside, and the mount ends with it.
echo 'pwd > "$HOME/where"; cat demo/type > "$HOME/type"' | SHELL=/bin/sh "$ROOT/examples/quickstart" "$T/fleet" > tour
is "$(cat "$HOME/where") $(cat "$HOME/type")" "$T/fleet fake"
within 5 bash -c "! mountpoint -q '$T/fleet'"
refuses "$ROOT/examples/quickstart" --nonsense 2> /dev/null
# A place that will not do is refused before anything is installed or built.
mkdir "$T/full" && touch "$T/full/file"
refuses env -u INFRAFS_BINARY "$ROOT/examples/quickstart" "$T/full" 2> why
has 'is not empty: name another directory' < why
refuses env -u INFRAFS_BINARY "$ROOT/examples/quickstart" "$T/full/file" 2> why
has 'is not a directory' < why
