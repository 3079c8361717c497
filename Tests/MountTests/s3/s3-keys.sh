# O8: keys that are not paths have names; a listing of several pages is whole, and boto3 sees what was made here.
source "$LIB/case.sh"
source "$LIB/s3.sh"
mount_store
make_bucket
mkdir "$B/many"
boto <<'Y'
import concurrent.futures
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda i: s3.put_object(Bucket=b, Key=f"many/{i:04}", Body=b"x"), range(1100)))
for key in ["sp ace", "pl+us", "per%41cent", "é", "new\nline", "q?x=1&y#z"]: s3.put_object(Bucket=b, Key=key, Body=key.encode())
Y
is "$(find "$B/many" -type f | wc -l)" 1100
for name in 'sp ace' 'pl+us' 'per%41cent' 'é' 'q?x=1&y#z'; do is "$(cat "$B/$name")" "$name"; done
is "$(cat "$B/new%0Aline")" $'new\nline'
echo ours > "$B/ours & ü+%"
is "$(boto <<< 'print(s3.get_object(Bucket=b, Key="ours & ü+%")["Body"].read().decode(), end="")')" ours
expect ENOENT stat "$B/absent"
