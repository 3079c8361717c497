# restic: what comes out is what went in, and a second backup of an unchanged fleet finds nothing new and nothing changed.
# Limit: 120 s
source "$LIB/case.sh"
mount_demo
export RESTIC_PASSWORD=nothing RESTIC_CACHE_DIR=$WORK/restic
restic init -q --repo repository
archive() { (cd "$M" && restic backup --repo "$T/repository" --exclude data --exclude events --json demo) | tail -n 1; }
sleep 1.1
archive > first
archive > second
is "$(jq -r '"\(.files_new) \(.files_changed) \(.dirs_new) \(.dirs_changed)"' second)" "0 0 0 0" "$(cat second)"
differs "$(jq .files_unmodified second)" 0
restic restore latest -q --repo repository --target out
diff -r --exclude=data --exclude=events "$P" out/demo
