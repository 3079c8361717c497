# Each failure of S3 in the middle of its work has its errno, leaves the old object whole, and no part of an upload.
# Limit: 120 s
source "$LIB/case.sh"
source "$LIB/aws.sh"
allow_errors '.'
mount_config <<Y
providers:
  cloud: {type: aws, region: eu-west-3, endpoint_url: "$INFRAFS_TEST_AWS", access_key_id: "$INFRAFS_TEST_AWS_KEY", access_key_secret: "$INFRAFS_TEST_AWS_SECRET", cache: 0s, timeout: 40s}
  hasty: {type: aws, region: eu-west-3, endpoint_url: "$INFRAFS_TEST_AWS", access_key_id: "$INFRAFS_TEST_AWS_KEY", access_key_secret: "$INFRAFS_TEST_AWS_SECRET", cache: 0s, timeout: 3s}
  reader: {type: aws, region: eu-west-3, endpoint_url: "$INFRAFS_TEST_AWS", access_key_id: "$INFRAFS_TEST_AWS_READER", access_key_secret: "$INFRAFS_TEST_AWS_READER_SECRET"}
Y
within 20 reads "$P/status" up
export BUCKET=objects-$$
B=$P/buckets/$BUCKET
mkdir "$B"
# fault METHOD KEY REST: of the next calls for an object.
fault() { judge fault "{\"action\": \"$1 /$BUCKET$2\", $3}" > /dev/null; }
error() { echo "\"body\": \"<Error><Code>$1</Code><Message>so it is</Message><RequestId>R1</RequestId></Error>\""; }
theirs() { boto <<< "print(s3.get_object(Bucket=os.environ['BUCKET'], Key='$1')['Body'].read().decode(), end='')"; }
debris() { boto <<< "print(len(s3.list_multipart_uploads(Bucket=os.environ['BUCKET']).get('Uploads', [])))"; }
settle() { judge reset - > /dev/null; }

echo old > "$B/o"
is "$(theirs o)" old
expect EACCES list "$M/reader/buckets"

# What is worth another attempt gets one.
fault GET /o "\"times\": 2, \"status\": 503, $(error SlowDown)"
is "$(cat "$B/o")" old
head -c 3000000 /dev/urandom > big
fault PUT /big '"times": 1, "status": 500'
cp big "$B/big"
fault GET /big '"times": 1, "cut": 100000'
cmp big "$B/big"
fault PUT /o '"times": 1, "reset": true'
echo newer > "$B/o"
is "$(theirs o)" newer

# What stays broken is told, and changes nothing.
settle
fault PUT /o '"times": 50, "status": 500'
echo lost > lost
is "$(fsop put "$B/o" lost)" EIO
settle
is "$(cat "$B/o")" newer
is "$(theirs o)" newer
fault PUT /o "\"times\": 1, \"status\": 403, $(error AccessDenied)"
is "$(fsop put "$B/o" lost)" EACCES
grep -q 'AccessDenied: so it is (request R1)' "$P/errors"
fault PUT /o "\"times\": 1, \"status\": 403, $(error RequestTimeTooSkewed)"
is "$(fsop put "$B/o" lost)" EKEYREJECTED
fault PUT /o "\"times\": 2, \"status\": 400, $(error ExpiredToken)"
is "$(fsop put "$B/o" lost)" EKEYEXPIRED
settle
is "$(theirs o)" newer

# One part of an upload that never arrives.
head -c 20000000 /dev/urandom > parts
fault PUT /o '"times": 50, "status": 500'
is "$(fsop put "$B/o" parts)" EIO
settle
is "$(theirs o)" newer
is "$(debris)" 0
cp parts "$B/o"
cmp parts "$B/o"
is "$(debris)" 0

# A listing that breaks off is no short listing.
fault GET '' '"times": 1, "status": 200, "body": "<ListBucketResult><Contents><Key>o</Key>"'
is "$(fsop list "$B")" EIO
ls "$B" | has '^big$'
# A store that hangs holds up nothing else.
fault GET /o '"times": 1, "hang": 7'
is "$(fsop read "$M/hasty/buckets/$BUCKET/o")" ETIMEDOUT
expect ok list "$M/hasty/vms"
rm "$B/o" "$B/big"
within 10 rmdir "$B"
