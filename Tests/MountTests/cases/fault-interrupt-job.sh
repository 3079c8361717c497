# An interrupt ends the wait for what the platform has accepted, not the operation: it goes on as a job, and says so.
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo: {type: fake, job_time: 4000}
Y
env --default-signal=INT "$LIB/fsop" write "$P/vms/web3/clone" "copy full" 2> /dev/null &
writer=$!
sleep 0.7
is_gone $writer && fail "the write did not wait"
start=$(milliseconds)
kill -INT $writer
wait $writer || true
at_most $(($(milliseconds) - start)) 1500
within 2 test -d "$P/jobs/1"
is "$(cat "$P/jobs/1/operation") $(cat "$P/jobs/1/status")" "vm.clone running"
within 10 reads "$P/jobs/1/status" done
is "$(cat "$P/vms/copy/name")" copy
grep -q 'goes on as jobs/1' "$M/.infrafs/audit"
