# O2: random writes, appends and truncations have the effect that they have on a disk.
source "$LIB/case.sh"
source "$LIB/s3.sh"
mount_store
make_bucket
head -c 20000000 /dev/urandom > local
cp local "$B/o"
both() { eval "${1//@/local}"; eval "${1//@/\"\$B/o\"}"; }
both 'echo appended >> @'
both 'printf changed | dd of=@ bs=1 seek=11000000 conv=notrunc status=none'
both 'head -c 9000000 /dev/zero | tr "\0" x | dd of=@ bs=1M seek=3 conv=notrunc status=none'
cmp local "$B/o"
both 'truncate -s 12345678 @'
both 'truncate -s 15000000 @'
cmp local "$B/o"
both 'echo short > @'
is "$(cat "$B/o")" short
is "$(stat -c %s "$B/o")" 6
is "$(debris)" 0
