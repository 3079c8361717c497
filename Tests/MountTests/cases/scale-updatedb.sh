# updatedb walks the mount to its end, within a budget of calls, and changes nothing; PRUNEFS keeps it out (X8).
source "$LIB/case.sh"
mount_demo
index() { timeout 50 updatedb --require-visibility no --prunepaths "" --prunenames "" --database-root "$WORK" --output "$1" "${@:2}"; }
reset_calls
index all --prunefs ""
is "$(changes)" 0
at_most "$(calls vm.list)" 2
is "$(locate -d all -r '/vms/web1$')" "$P/vms/web1"
index none --prunefs fuse.infrafs
is "$(locate -d none -r '/mnt/demo$' || true)" ""
has home <(locate -d none -r '/home$')
# What has side effects is not in it: it was not listed.
is "$(locate -d all -r '/mnt/.*/\.' || true)" ""
