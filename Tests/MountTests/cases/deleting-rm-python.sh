# shutil.rmtree of a running machine touches nothing at all; of one that is down it deletes it.
source "$LIB/case.sh"
mount_demo
cp -r "$P/vms/web1" before
reset_calls
refuses python3 -c "import shutil, sys; shutil.rmtree(sys.argv[1])" "$P/vms/web1" 2> errors
is "$(changes)" 0 "$(cat "$P/.inject/calls")"
diff -r before "$P/vms/web1"
mkdir "$P/vms/temporary"
echo down > "$P/vms/temporary/status"
await_status temporary down
python3 -c "import shutil, sys; shutil.rmtree(sys.argv[1])" "$P/vms/temporary"
expect ENOENT stat "$P/vms/temporary"
