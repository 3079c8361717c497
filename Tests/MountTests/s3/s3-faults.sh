# Failures in the middle of large objects: repeated where that is right, else told; the old object stays, and no debris.
# Limit: 120 s
source "$LIB/case.sh"
source "$LIB/s3.sh"
allow_errors '.'
start_proxy
fault() { curl -sf --data-binary "$1" "$PROXY/-/fault"; }
mend() { curl -sf -X POST "$PROXY/-/clear"; }
mount_config <<Y
providers:
  store: {type: aws, region: us-east-1, endpoint_url: "$PROXY", access_key_id: "$INFRAFS_TEST_S3_KEY", access_key_secret: "$INFRAFS_TEST_S3_SECRET", cache: 0s, timeout: 5s}
  fake: {type: fake, vms: 3}
Y
make_bucket
no_debris() { [ "$(debris)" = 0 ]; }
stored() { boto <<< 'print(s3.get_object(Bucket=b, Key="o")["Body"].read().decode(), end="")'; }
lists() { [ "$(fsop list "$1")" = ok ]; }
echo old > "$B/o"
head -c 40000000 /dev/urandom > large
boto large <<< 's3.upload_file(sys.argv[1], b, "large")'

# What passes is repeated, and nobody sees it.
fault '{"method": "GET", "match": "/large$", "reset": 300000, "times": 3}'
cmp large "$B/large"
fault '{"method": "PUT", "match": "partNumber=2", "status": 503, "code": "SlowDown", "times": 2}'
fault '{"method": "PUT", "match": "partNumber=3", "carry_out": true}'
cp large "$B/copy"
cmp large "$B/copy"
# An upload that was completed, and the answer lost, is complete.
fault '{"method": "POST", "match": "uploadId", "carry_out": true}'
cp large "$B/copy2"
cmp large "$B/copy2"
is "$(debris)" 0

# A listing that is cut off and does not say where it goes on is no short listing.
fault '{"method": "GET", "match": "list-type", "replace": ["<IsTruncated>false</IsTruncated>", "<IsTruncated>true</IsTruncated>"], "times": 9}'
is "$(fsop list "$B")" EIO
mend
within 10 lists "$B"

# Uploads that fail: the old object, and no debris.
fault '{"method": "PUT", "match": "partNumber=2", "status": 500, "times": 10}'
is "$(fsop put "$B/o" large)" EIO "a part that fails ten times"
mend
is "$(stored)" old
within 10 no_debris
fault '{"method": "POST", "match": "uploadId", "status": 200, "code": "InternalError", "times": 10}'
is "$(fsop put "$B/o" large)" EIO "a failure behind a success"
mend
is "$(stored)" old
within 10 no_debris

# A store that hangs: the deadline, and nobody else waits.
fault '{"method": "PUT", "match": "/o$", "hang": 12, "times": 9}'
fsop write "$B/o" spoilt > "$T/answer" &
writer=$!
expect ok list "$M/fake/vms"
at_most "$(time_of stat "$B/large")" 2000
wait "$writer"
is "$(cat "$T/answer")" ETIMEDOUT
mend
is "$(stored)" old
within 10 reads "$B/o" old
refuses grep -rqF "$INFRAFS_TEST_S3_SECRET" "$LOG" "$P/errors"
