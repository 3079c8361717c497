# Machines that come and go while a directory is read: no duplicates, nothing stable missing (X11).
source "$LIB/case.sh"
mount_demo
ls "$P/vms" > stable
(for turn in $(seq 120); do
    inject outside "vm.create storm$turn"
    inject outside "vm.delete storm$turn"
done) &
storm=$!
while ! is_gone $storm; do
    ls -U "$P/vms" > listing
    is "$(sort listing | uniq -d)" ""
    sort listing | comm -23 <(sort stable) - > missing
    is "$(cat missing)" ""
done
wait $storm
ls "$P/vms" | diff stable -
