# Sourced by the cases over the simulated AWS, after case.sh.
# shellcheck shell=bash disable=SC2034
#
# Given by the runner: the variables of `Tests/aws/cloud env`. Cases share the cloud: each has names of its own.
P=$M/cloud

mount_cloud() {
    mount_config "$@" <<Y
providers:
  cloud: {type: aws, region: eu-west-3, endpoint_url: "$INFRAFS_TEST_AWS", access_key_id: "$INFRAFS_TEST_AWS_KEY", access_key_secret: "$INFRAFS_TEST_AWS_SECRET", cache: 1s}
Y
    within 20 reads "$P/status" up
}

# The witness: a line of Python with boto3's clients `ec2`, `dns` and `s3`; what it prints.
boto() {
    "$INFRAFS_TEST_AWS_PYTHON" - "$@" <<Y
import os, sys, boto3
options = dict(endpoint_url=os.environ["INFRAFS_TEST_AWS"], region_name="eu-west-3",
    aws_access_key_id=os.environ["INFRAFS_TEST_AWS_KEY"], aws_secret_access_key=os.environ["INFRAFS_TEST_AWS_SECRET"])
ec2, dns, s3 = [boto3.client(service, **options) for service in ("ec2", "route53", "s3")]
def named(name):
    found = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": [name]},
        {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}])
    return [i for r in found["Reservations"] for i in r["Instances"]]
def tags(thing): return {t["Key"]: t["Value"] for t in thing.get("Tags", [])}
$(cat)
Y
}

judge() { curl -sf "$INFRAFS_TEST_AWS/_judge/$1" ${2:+-d "$2"}; }
# Requests that AWS's own model refuses are failures, whatever came of them.
refusals() { judge refusals | jq -r '.[]'; }

# make_machine NAME [FILE VALUE]...: from the image, by a draft, not started.
make_machine() {
    local draft=$P/drafts/vms/$1 name=$1
    mkdir "$draft"
    echo tests/base-1 > "$draft/image"
    echo t3.micro > "$draft/flavor"
    echo no > "$draft/start"
    shift
    while [ $# -gt 0 ]; do
        echo "$2" > "$draft/$1"
        shift 2
    done
    mv "$draft" "$P/vms/$name"
}
