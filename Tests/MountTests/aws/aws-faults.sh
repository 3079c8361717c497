# Each failure of AWS has its errno and AWS's own words, changes nothing, and leaves the rest of the tree alone.
# Limit: 120 s
source "$LIB/case.sh"
source "$LIB/aws.sh"
allow_errors '.'
mount_config <<Y
providers:
  cloud: {type: aws, region: eu-west-3, endpoint_url: "$INFRAFS_TEST_AWS", access_key_id: "$INFRAFS_TEST_AWS_KEY", access_key_secret: "$INFRAFS_TEST_AWS_SECRET", cache: 0s, timeout: 5s}
  reader: {type: aws, region: eu-west-3, endpoint_url: "$INFRAFS_TEST_AWS", access_key_id: "$INFRAFS_TEST_AWS_READER", access_key_secret: "$INFRAFS_TEST_AWS_READER_SECRET"}
  wrong: {type: aws, region: eu-west-3, endpoint_url: "$INFRAFS_TEST_AWS", access_key_id: "$INFRAFS_TEST_AWS_KEY", access_key_secret: not-the-secret}
  unknown: {type: aws, region: eu-west-3, endpoint_url: "$INFRAFS_TEST_AWS", access_key_id: AKIDNOBODY, access_key_secret: none}
  nobody: {type: aws, region: eu-west-3, endpoint_url: "$INFRAFS_TEST_AWS"}
  dead: {type: aws, region: eu-west-3, endpoint_url: "http://127.0.0.1:9", access_key_id: AKID, access_key_secret: none, timeout: 3s}
  fake: {type: fake, vms: 3}
Y
export AWS_EC2_METADATA_DISABLED=true
within 20 reads "$P/status" up
fault() { judge fault "$1" > /dev/null; }

# Forbidden for one call only.
ls "$M/reader/vms" | has web-1
expect EACCES list "$M/reader/disks"
expect EKEYREJECTED list "$M/wrong/vms"
expect EKEYREJECTED list "$M/unknown/vms"
expect ENOKEY list "$M/nobody/vms"
matches "$(fsop list "$M/dead/vms")" '^(EHOSTUNREACH|ETIMEDOUT)$'
expect ok list "$M/fake/vms"

read_status() { fsop read "$P/vms/web-1/status"; }
fault '{"action": "DescribeInstances", "status": 503, "code": "RequestLimitExceeded", "times": 2}'
is "$(read_status)" ok "throttled and repeated"
fault '{"action": "DescribeInstances", "status": 500, "times": 1}'
is "$(read_status)" ok "an error of the server and repeated"
fault '{"action": "DescribeInstances", "reset": true, "times": 1}'
is "$(read_status)" ok "a broken connection and repeated"
# Listings that took long are good for twice as long.
sleep 4
fault '{"action": "DescribeInstances", "status": 403, "code": "ExpiredToken", "times": 1}'
is "$(read_status)" EKEYEXPIRED
sleep 1.1
fault '{"action": "DescribeInstances", "status": 403, "code": "RequestExpired", "message": "Request has expired.", "times": 1}'
is "$(read_status)" EKEYEXPIRED "temporary credentials, or the clock"
sleep 1.1
fault '{"action": "DescribeInstances", "body": "<DescribeInstancesResponse><reservationSet><item>", "times": 1}'
is "$(read_status)" EIO
sleep 1.1
fault '{"action": "DescribeInstances", "hang": 8, "times": 1}'
is "$(read_status)" ETIMEDOUT
expect ok list "$M/fake/vms"
sleep 4
is "$(read_status)" ok

# Creation: nothing half-made, the draft stays, and the words are EC2's.
try_machine() {
    rm -rf "$P/drafts/vms/x"
    mkdir "$P/drafts/vms/x"
    echo "$1" > "$P/drafts/vms/x/image"
    echo "$2" > "$P/drafts/vms/x/flavor"
    fsop rename "$P/drafts/vms/x" "$P/vms/x"
}
is "$(try_machine ami-00000000000000000 t3.micro)" ENOENT
grep -q 'InvalidAMIID.NotFound.*(request' "$P/errors"
differs "$(try_machine tests/base-1 x9.giant)" ok
fault '{"action": "RunInstances", "status": 400, "code": "InstanceLimitExceeded", "message": "no more", "times": 1}'
is "$(try_machine tests/base-1 t3.micro)" EDQUOT
grep -q 'InstanceLimitExceeded: no more (request' "$P/errors"
fault '{"action": "RunInstances", "status": 500, "code": "InsufficientInstanceCapacity", "times": 9}'
is "$(try_machine tests/base-1 t3.micro)" ENOSPC
judge reset - > /dev/null
fault '{"action": "RunInstances", "status": 400, "code": "Unsupported", "message": "not in this zone", "times": 1}'
is "$(try_machine tests/base-1 t3.micro)" EOPNOTSUPP
test -d "$P/drafts/vms/x"
refuses test -e "$P/vms/x"
is "$(boto <<< 'print(len(named("x")))')" 0

# A launch whose answer is lost is repeated with its token, and makes one machine.
fault '{"action": "RunInstances", "status": 500, "times": 1}'
is "$(try_machine tests/base-1 t3.micro)" ok
is "$(boto <<< 'print(len(named("x")))')" 1
echo down > "$P/vms/x/status"
timeout 20 cat "$P/vms/x/.wait/down"
rmdir "$P/vms/x"
# No secret anywhere.
refuses grep -rqF -e "$INFRAFS_TEST_AWS_SECRET" -e not-the-secret "$LOG" "$M/.infrafs/log" "$M/.infrafs/config" "$P/errors" "$M/wrong/errors"
