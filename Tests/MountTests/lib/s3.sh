# Sourced by the cases over a store that speaks S3, after case.sh.
# shellcheck shell=bash disable=SC2034
#
# Given by the runner: the variables of `Tests/s3/store env`. Cases share the store: each has a bucket of its own, B.
P=$M/store
BUCKET=$(basename "$0" .sh)-$$
B=$P/buckets/$BUCKET

mount_store() {
    mount_config "$@" <<Y
providers:
  store: {type: aws, region: us-east-1, endpoint_url: "$INFRAFS_TEST_S3", access_key_id: "$INFRAFS_TEST_S3_KEY", access_key_secret: "$INFRAFS_TEST_S3_SECRET", cache: 1s}
Y
}
make_bucket() { mkdir "$B"; }

# Tests/s3/proxy before the store; its address is in PROXY.
start_proxy() {
    mkdir "$WORK/proxy"
    "$INFRAFS_TEST_S3_PYTHON" "$ROOT/Tests/s3/proxy" "$INFRAFS_TEST_S3" "$WORK/proxy" 2> "$WORK/proxy/log" &
    at_end "kill $!"
    within 10 test -e "$WORK/proxy/port"
    PROXY=http://127.0.0.1:$(cat "$WORK/proxy/port")
}

# The witness: lines of Python with boto3's client `s3` and the bucket's name `b`; what they print.
# shellcheck disable=SC2120
boto() {
    BUCKET=$BUCKET "$INFRAFS_TEST_S3_PYTHON" - "$@" <<Y
import os, sys, boto3
s3 = boto3.client("s3", endpoint_url=os.environ["INFRAFS_TEST_S3"], region_name="us-east-1",
    aws_access_key_id=os.environ["INFRAFS_TEST_S3_KEY"], aws_secret_access_key=os.environ["INFRAFS_TEST_S3_SECRET"])
b = os.environ["BUCKET"]
$(cat)
Y
}
# Uploads that were begun and neither completed nor given up.
debris() { boto <<< 'print(len(s3.list_multipart_uploads(Bucket=b).get("Uploads", [])))'; }
