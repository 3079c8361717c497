"""A judge between a client and moto, for tests: python judge.py DIR

It starts two moto servers (one that checks signatures and IAM, one for Route 53, which moto refuses whole when it
checks), and one address in front of both. What passes it is checked against AWS's own model, as botocore has it: an
action that is not there, a parameter that does not exist or has the wrong form, one that is missing. What AWS refuses and
moto takes is refused as AWS does it. What AWS remembers and moto forgets (ClientToken) is remembered.

Control, for tests: POST /_judge/fault {"action": "DescribeInstances" or "GET /bucket/key", "times": 1, "status": 503,
"code": "...", "message": "...", "body": "...", "hang": seconds, "reset": true, "cut": bytes of the answer}; POST
/_judge/reset forgets faults and calls; GET /_judge/calls lists the actions since; GET /_judge/refusals what was wrong
with requests.
"""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import botocore.session

REGION = "eu-west-3"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start_moto(name, directory):
    port = free_port()
    environment = dict(
        os.environ, MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION="1", MOTO_ENABLE_AMI_VALIDATION="1",
        MOTO_ENABLE_KEYPAIR_VALIDATION="1", MOTO_EC2_LOAD_DEFAULT_AMIS="false")
    log = open(os.path.join(directory, name + ".log"), "wb")
    program = os.path.join(os.path.dirname(sys.executable), "moto_server")
    subprocess.Popen([program, "-H", "127.0.0.1", "-p", str(port)], env=environment, stdout=log, stderr=log)
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return port
        except OSError:
            time.sleep(0.1)
    raise SystemExit(name + " did not come up")


class Model:
    """EC2's requests as AWS's own model has them."""

    def __init__(self):
        self.service = botocore.session.get_session().get_service_model("ec2")

    @staticmethod
    def wire(shape, default):
        """The name of a member as the query protocol of EC2 writes it."""
        query = shape.serialization.get("queryName")
        name = query or shape.serialization.get("name") or default
        return name if query else name[0].upper() + name[1:]

    def fault(self, action, fields):
        """What is wrong with a request; None when nothing is."""
        try:
            operation = self.service.operation_model(action)
        except Exception:
            return "InvalidAction", "The action %s is not valid for this web service." % action
        tree = {}
        for name, value in fields:
            place = tree
            parts = name.split(".")
            for part in parts[:-1]:
                place = place.setdefault(part, {})
                if not isinstance(place, dict):
                    return "UnknownParameter", "The parameter %s is not recognized" % name
            place[parts[-1]] = value
        if operation.input_shape is None:
            return ("UnknownParameter", "no parameters are taken") if tree else None
        return self.check(operation.input_shape, tree, "")

    def check(self, shape, value, path):
        kind = shape.type_name
        if kind == "structure":
            if not isinstance(value, dict):
                return "InvalidParameterValue", "%s is a structure" % path
            members = {self.wire(member, name): (name, member) for name, member in shape.members.items()}
            for key, inner in value.items():
                if key not in members:
                    return "UnknownParameter", "The parameter %s is not recognized" % (path + key)
                found = self.check(members[key][1], inner, path + key + ".")
                if found:
                    return found
            for required in shape.required_members:
                if not any(name == required and key in value for key, (name, _) in members.items()):
                    return "MissingParameter", "The request must contain the parameter %s" % (path + required)
            return None
        if kind == "list":
            if not isinstance(value, dict) or sorted(value, key=lambda k: int(k) if k.isdigit() else 0) != [
                    str(i + 1) for i in range(len(value))]:
                return "InvalidParameterValue", "%s is a list numbered from 1" % path
            for index, inner in value.items():
                found = self.check(shape.member, inner, path + index + ".")
                if found:
                    return found
            return None
        if isinstance(value, dict):
            return "InvalidParameterValue", "%s is a plain value" % path
        if kind in ("integer", "long") and not re.fullmatch(r"-?\d+", value):
            return "InvalidParameterValue", "Invalid value '%s' for %s" % (value, path)
        if kind == "boolean" and value not in ("true", "false"):
            return "InvalidParameterValue", "Invalid value '%s' for %s" % (value, path)
        enum = getattr(shape, "enum", None)
        # Instance types come faster than models do.
        if enum and value not in enum and shape.name != "InstanceType":
            return "InvalidParameterValue", "Invalid value '%s' for %s" % (value, path)
        if kind == "string" and value == "" and not path.endswith("Value."):
            return "InvalidParameterValue", "%s is empty" % path
        return None


class Cloud:
    def __init__(self, directory):
        self.directory = directory
        self.lock = threading.Lock()
        self.faults, self.calls, self.refusals, self.tokens = [], [], [], {}
        self.model = Model()
        self.checked = start_moto("moto", directory)
        self.open = start_moto("moto-route53", directory)
        self.make_user()
        self.ec2 = self.client("ec2", self.checked)
        self.seed()

    def client(self, service, port):
        return boto3.client(
            service, endpoint_url="http://127.0.0.1:%d" % port, region_name=REGION,
            aws_access_key_id=self.key, aws_secret_access_key=self.secret)

    def make_user(self):
        """A user who may do everything, and one who may do nothing but list machines; then signatures are checked."""
        self.key = self.secret = "x"
        iam = self.client("iam", self.checked)
        users = {}
        for name, actions in (("all", "*"), ("reader", ["ec2:DescribeInstances", "ec2:DescribeAvailabilityZones"])):
            iam.create_user(UserName=name)
            policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
            users[name] = iam.create_access_key(UserName=name)["AccessKey"]
        urllib.request.urlopen(urllib.request.Request(
            "http://127.0.0.1:%d/moto-api/reset-auth" % self.checked, data=b"0",
            headers={"Content-Type": "text/plain"}, method="POST")).read()
        self.key, self.secret = users["all"]["AccessKeyId"], users["all"]["SecretAccessKey"]
        self.reader = (users["reader"]["AccessKeyId"], users["reader"]["SecretAccessKey"])

    def seed(self):
        """An image, and machines as they are met: running, stopped, of one name, of an unusual name, of none."""
        self.image = self.ec2.register_image(
            Name="tests/base-1", Architecture="x86_64", RootDeviceName="/dev/sda1", VirtualizationType="hvm",
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8}}])["ImageId"]
        ids = []
        for name in ("web-1", "web-2", "twin", "twin", "a/b", "s\u00e4ule", None):
            tags = [{"Key": "Name", "Value": name}] if name else []
            extra = {"TagSpecifications": [{"ResourceType": "instance", "Tags": tags}]} if tags else {}
            ids.append(self.ec2.run_instances(
                ImageId=self.image, MinCount=1, MaxCount=1, InstanceType="t3.micro", **extra)["Instances"][0]["InstanceId"])
        self.ec2.stop_instances(InstanceIds=[ids[1]])

    # What AWS refuses.

    def refusal(self, action, p):
        judge = getattr(self, "judge_" + action, None)
        try:
            return judge(p) if judge else None
        except Exception as error:
            # A thing that is not there: moto says so itself.
            print("judge:", action, error, flush=True)
            return None

    def instance(self, name):
        return self.ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]

    def judge_ModifyInstanceAttribute(self, p):
        if "InstanceType.Value" in p and self.instance(p["InstanceId"])["State"]["Name"] != "stopped":
            return "IncorrectInstanceState", "The instance '%s' is not in the 'stopped' state." % p["InstanceId"]

    def judge_StartInstances(self, p):
        if self.instance(p["InstanceId.1"])["State"]["Name"] not in ("stopped", "running", "pending"):
            return "IncorrectInstanceState", "The instance '%s' is not in a state from which it can be started." % (
                p["InstanceId.1"])

    def judge_AttachVolume(self, p):
        volume = self.ec2.describe_volumes(VolumeIds=[p["VolumeId"]])["Volumes"][0]
        instance = self.instance(p["InstanceId"])
        if volume["Attachments"]:
            return "VolumeInUse", "%s is already attached to an instance" % p["VolumeId"]
        if volume["AvailabilityZone"] != instance["Placement"]["AvailabilityZone"]:
            return "InvalidVolume.ZoneMismatch", "The volume '%s' is not in the same availability zone as instance '%s'" % (
                p["VolumeId"], p["InstanceId"])
        if any(d["DeviceName"] == p["Device"] for d in instance["BlockDeviceMappings"]):
            return "InvalidParameterValue", "Invalid value '%s' for unixDevice. Attachment point is in use" % p["Device"]

    def judge_DetachVolume(self, p):
        volume = self.ec2.describe_volumes(VolumeIds=[p["VolumeId"]])["Volumes"][0]
        if not volume["Attachments"]:
            return "IncorrectState", "Volume '%s' is in the 'available' state." % p["VolumeId"]
        attachment = volume["Attachments"][0]
        instance = self.instance(attachment["InstanceId"])
        if attachment["Device"] == instance["RootDeviceName"] and instance["State"]["Name"] == "running":
            return "OperationNotPermitted", "Unable to detach root volume '%s' from instance '%s'" % (
                p["VolumeId"], attachment["InstanceId"])

    def judge_DeleteVolume(self, p):
        if self.ec2.describe_volumes(VolumeIds=[p["VolumeId"]])["Volumes"][0]["Attachments"]:
            return "VolumeInUse", "Volume %s is currently attached" % p["VolumeId"]

    def in_use(self, name, value):
        found = self.ec2.describe_network_interfaces(Filters=[{"Name": name, "Values": [value]}])
        return bool(found["NetworkInterfaces"])

    def judge_DeleteSecurityGroup(self, p):
        if self.in_use("group-id", p["GroupId"]):
            return "DependencyViolation", "resource %s has a dependent object" % p["GroupId"]

    def judge_DeleteSubnet(self, p):
        if self.in_use("subnet-id", p["SubnetId"]):
            return "DependencyViolation", "The subnet '%s' has dependencies and cannot be deleted." % p["SubnetId"]

    def judge_DeleteVpc(self, p):
        mine = [{"Name": "vpc-id", "Values": [p["VpcId"]]}]
        if (self.ec2.describe_subnets(Filters=mine)["Subnets"]
                or self.ec2.describe_internet_gateways(
                    Filters=[{"Name": "attachment.vpc-id", "Values": [p["VpcId"]]}])["InternetGateways"]):
            return "DependencyViolation", "The vpc '%s' has dependencies and cannot be deleted." % p["VpcId"]

    def judge_CreateNetworkInterface(self, p):
        vpc = self.ec2.describe_subnets(SubnetIds=[p["SubnetId"]])["Subnets"][0]["VpcId"]
        groups = [value for key, value in p.items() if key.startswith("SecurityGroupId.")]
        for group in self.ec2.describe_security_groups(GroupIds=groups)["SecurityGroups"] if groups else []:
            if group["VpcId"] != vpc:
                return "InvalidParameter", "You have specified two resources that belong to different networks."

    def judge_AttachNetworkInterface(self, p):
        found = self.ec2.describe_network_interfaces(NetworkInterfaceIds=[p["NetworkInterfaceId"]])
        zone = found["NetworkInterfaces"][0]["AvailabilityZone"]
        if zone != self.instance(p["InstanceId"])["Placement"]["AvailabilityZone"]:
            return "InvalidParameterCombination", "You may not attach a network interface to an instance if they are " \
                "not in the same availability zone"

    def judge_ModifyVolume(self, p):
        volume = self.ec2.describe_volumes(VolumeIds=[p["VolumeId"]])["Volumes"][0]
        if int(p.get("Size", volume["Size"])) < volume["Size"]:
            return "InvalidParameterValue", "New size cannot be smaller than existing size"

    def judge_CreateTags(self, p):
        for key, value in p.items():
            if re.fullmatch(r"Tag\.\d+\.Key", key) and value.startswith("aws:"):
                return "InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use"
            if re.fullmatch(r"Tag\.\d+\.Value", key) and len(value) > 256:
                return "InvalidParameterValue", "Tag value exceeds the maximum length of 256 characters"


def document(code, message):
    text = "<?xml version='1.0'?><Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors>" \
        "<RequestID>judge-%d</RequestID></Response>" % (
            code, message.replace("&", "&amp;").replace("<", "&lt;"), time.time_ns())
    return text.encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cloud = None

    def log_message(self, *_):
        pass

    def start(self, status, headers, length):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        # An answer without a body has no length (RFC 9110, 8.6).
        if status != 204:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def answer(self, status, body, headers=(), length=None):
        self.start(status, headers, len(body) if length is None else length)
        if self.command != "HEAD":
            self.wfile.write(body)

    def control(self, body):
        cloud = self.cloud
        what = self.path[len("/_judge/"):]
        with cloud.lock:
            if what == "fault":
                cloud.faults.append(json.loads(body))
            elif what == "reset":
                cloud.faults, cloud.calls, cloud.refusals = [], [], []
            result = {"calls": cloud.calls, "refusals": cloud.refusals}.get(what, [])
            return json.dumps(result).encode()

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/_judge/"):
            return self.answer(200, self.control(body))
        service = re.search(r"/([a-z0-9-]+)/aws4_request", self.headers.get("Authorization") or "")
        service = service.group(1) if service else ""
        fields = urllib.parse.parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True) if service in (
            "ec2", "sts") else []
        action = dict(fields).get("Action") or "%s %s" % (self.command, self.path.split("?")[0])
        fault = self.fault_of(action)
        if not self.faulted(fault) and not (service == "ec2" and self.judged(action, fields)):
            self.pass_on(service, action, fields, body, fault.get("cut"))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

    def fault_of(self, action):
        with self.cloud.lock:
            self.cloud.calls.append(action)
            fault = next((f for f in self.cloud.faults if f["action"] == action and f.get("times", 1) > 0), None)
            if fault:
                fault["times"] = fault.get("times", 1) - 1
            return fault or {}

    def break_off(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def faulted(self, fault):
        if "hang" in fault:
            time.sleep(fault["hang"])
        if fault.get("reset"):
            self.break_off()
        elif "body" in fault:
            self.answer(fault.get("status", 200), fault["body"].encode())
        elif "status" in fault:
            self.answer(fault["status"], document(fault.get("code", "InternalError"), fault.get("message", "a fault")))
        else:
            return False
        return True

    def judged(self, action, fields):
        p = dict(fields)
        plain = [(n, v) for n, v in fields if n not in ("Action", "Version")]
        wrong = self.cloud.model.fault(action, plain)
        if wrong:
            with self.cloud.lock:
                self.cloud.refusals.append("%s: %s: %s" % ((action,) + wrong))
        token = p.get("ClientToken")
        if not wrong and token and (action, token) in self.cloud.tokens:
            before, status, headers, body = self.cloud.tokens[action, token]
            if before == plain:
                self.answer(status, body, headers)
                return True
            wrong = "IdempotentParameterMismatch", "The client token was used with other parameters"
        wrong = wrong or self.cloud.refusal(action, p)
        if wrong:
            self.answer(400, document(*wrong))
        return bool(wrong)

    def pass_on(self, service, action, fields, body, cut):
        port = self.cloud.open if service == "route53" else self.cloud.checked
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "expect"):
                connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        answer = response.read()
        headers = [(n, v) for n, v in response.getheaders() if n.lower() not in (
            "connection", "transfer-encoding", "content-length", "server", "date")]
        connection.close()
        # AWS always tells where an image lies; moto only of its own images.
        if action == "DescribeImages" and b"<imageLocation>" not in answer:
            answer = re.sub(rb"<imageId>([^<]*)</imageId>", rb"\g<0><imageLocation>123456789012/\1</imageLocation>", answer)
        token = dict(fields).get("ClientToken")
        if token and response.status == 200:
            plain = [(n, v) for n, v in fields if n not in ("Action", "Version")]
            self.cloud.tokens[action, token] = plain, response.status, headers, answer
        if cut is None:
            # That of HEAD tells of the object.
            length = response.getheader("Content-Length") if self.command == "HEAD" else None
            return self.answer(response.status, answer, headers, length)
        self.start(response.status, headers, len(answer))
        self.wfile.write(answer[:cut])
        self.wfile.flush()
        self.break_off()


def main():
    directory = sys.argv[1]
    cloud = Handler.cloud = Cloud(directory)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    lines = {
        "INFRAFS_TEST_AWS": "http://127.0.0.1:%d" % server.server_address[1], "INFRAFS_TEST_AWS_KEY": cloud.key,
        "INFRAFS_TEST_AWS_SECRET": cloud.secret, "INFRAFS_TEST_AWS_READER": cloud.reader[0],
        "INFRAFS_TEST_AWS_READER_SECRET": cloud.reader[1], "INFRAFS_TEST_AWS_IMAGE": cloud.image,
        "INFRAFS_TEST_AWS_PYTHON": sys.executable,
    }
    temporary = os.path.join(directory, "env.new")
    with open(temporary, "w") as file:
        for name, value in lines.items():
            file.write("export %s='%s'\n" % (name, value))
    os.rename(temporary, os.path.join(directory, "env"))
    server.serve_forever()


main()
