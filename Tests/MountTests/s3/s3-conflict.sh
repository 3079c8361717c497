# O6: what somebody else changed meanwhile is not overwritten silently: fsync says ESTALE, and theirs stays.
source "$LIB/case.sh"
source "$LIB/s3.sh"
allow_errors 'changed by somebody else'
mount_store
make_bucket
echo old > "$B/o"
# In one process: a child that closes its copy of the descriptor would store what was written.
is "$(boto "$B/o" <<'Y'
import errno
fd = os.open(sys.argv[1], os.O_RDWR)
os.write(fd, b"ours")
s3.put_object(Bucket=b, Key="o", Body=b"theirs")
try:
    os.fsync(fd)
    print("stored")
except OSError as error:
    print(errno.errorcode[error.errno])
Y
)" ESTALE
is "$(boto <<< 'print(s3.get_object(Bucket=b, Key="o")["Body"].read().decode())')" theirs
within 10 reads "$B/o" theirs
