# A GiB of random bytes is the same both ways, as boto3 reads it too, and 5 GiB of a sparse file go in; in under 300 MB of memory.
# Limit: 900 s
source "$LIB/case.sh"
source "$LIB/s3.sh"
mount_store
make_bucket
theirs() {
    boto <<'Y'
import hashlib
sum = hashlib.sha256()
for piece in s3.get_object(Bucket=b, Key="o")["Body"].iter_chunks(1 << 20): sum.update(piece)
print(sum.hexdigest())
Y
}
head -c 1073741824 /dev/urandom > random
sum=$(sha256sum < random | cut -d' ' -f1)
cp random "$B/o"
rm random
is "$(stat -c %s "$B/o")" 1073741824
is "$(theirs)" "$sum"
is "$(sha256sum < "$B/o" | cut -d' ' -f1)" "$sum"
rm "$B/o"
truncate -s 5G sparse
cp sparse "$B/sparse"
is "$(boto <<< 'print(s3.head_object(Bucket=b, Key="sparse")["ContentLength"])')" 5368709120
is "$(debris)" 0
at_most "$(sed -n 's/^VmHWM:\s*\([0-9]*\) kB$/\1/p' "/proc/$DAEMON/status")" 300000 "kB resident at most"
rm "$B/sparse"
