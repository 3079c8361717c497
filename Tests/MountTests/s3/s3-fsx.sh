# O2, O9: random operations leave what they leave on a disk.
source "$LIB/case.sh"
source "$LIB/s3.sh"
mount_store
make_bucket
"$LIB/fsx" "$B/o" 150
is "$(debris)" 0
