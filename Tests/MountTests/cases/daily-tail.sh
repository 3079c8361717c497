# tail -f of the events shows a change made here and one made outside.
source "$LIB/case.sh"
mount_demo
tail -n +1 -f "$P/events" > seen &
tail=$!
at_end 'kill "$tail" 2> /dev/null'
echo 3 > "$P/vms/web3/cpus"
within 5 grep -q web3 seen
inject outside "memory web2 4096"
within 5 grep -q web2 seen
python3 -c 'import json,sys; [json.loads(line) for line in open(sys.argv[1])]' seen
