# O6: what somebody else changed meanwhile is not overwritten silently: fsync says ESTALE, and theirs stays.
source "$LIB/case.sh"
source "$LIB/s3.sh"
allow_errors 'changed by somebody else'
mount_store
make_bucket
echo old > "$B/o"
cat > writer.py <<'Y'
import errno, os, subprocess, sys
fd = os.open(sys.argv[1], os.O_RDWR)
os.write(fd, b"ours")
subprocess.run(sys.argv[2:], check=True)
try:
    os.fsync(fd)
    print("stored")
except OSError as error:
    print(errno.errorcode[error.errno])
Y
cat > theirs.sh <<'S'
source "$LIB/s3.sh"
BUCKET=$1
boto <<< 's3.put_object(Bucket=b, Key="o", Body=b"theirs")'
S
export M LIB
is "$(python3 writer.py "$B/o" bash theirs.sh "$BUCKET")" ESTALE
is "$(boto <<< 'print(s3.get_object(Bucket=b, Key="o")["Body"].read().decode())')" theirs
within 10 reads "$B/o" theirs
