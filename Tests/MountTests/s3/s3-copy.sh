# O1: what is copied in is what boto3 reads, and what boto3 wrote is what is copied out.
source "$LIB/case.sh"
source "$LIB/s3.sh"
mount_store
make_bucket
head -c 30000000 /dev/urandom > in
cp in "$B/o"
is "$(boto <<< 'import hashlib; print(hashlib.sha256(s3.get_object(Bucket=b, Key="o")["Body"].read()).hexdigest())')" "$(sha256sum < in | cut -d' ' -f1)"
cmp in "$B/o"
boto in <<< 's3.upload_file(sys.argv[1], b, "dir/theirs")'
cmp in "$B/dir/theirs"
is "$(stat -c %s "$B/dir/theirs")" 30000000
cp "$B/dir/theirs" "$B/copy"
cmp in "$B/copy"
is "$(debris)" 0
