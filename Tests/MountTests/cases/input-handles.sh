# Thousands of open handles cost little, and all of them are given back.
source "$LIB/case.sh"
mount_demo
memory() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$DAEMON/status"; }
handles() { grep -v '^#' "$M/.infrafs/metrics" | grep -F -- "infrafs_open_handles " | sed 's/.* //'; }
cat "$P"/vms/web1/* > /dev/null 2>&1 || true
before=$(memory)
python3 -I - "$P" <<'PY'
import os, resource, sys
root = sys.argv[1]
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
opened = []
turns = min(2000, (most - 100) // 5)
for turn in range(turns):
    for name in ("vms/web1/status", "vms/web1/memory", "events", "vms"):
        opened.append(os.open(f"{root}/{name}", os.O_RDONLY))
    opened.append(os.open(f"{root}/vms/web3/memory", os.O_WRONLY))
assert os.pread(opened[0], 100, 0) == b"up\n"
with open(f"{root}/../.infrafs/metrics") as file:
    assert any(line.startswith("infrafs_open_handles ") and int(line.split()[1]) >= 3 * turns for line in file)
PY
within 10 bash -c "[ \$(grep '^infrafs_open_handles ' '$M/.infrafs/metrics' | cut -d ' ' -f 2) -le 5 ]"
at_most $(($(memory) - before)) 20000 "KiB more after 10000 handles"
is "$(cat "$P/vms/web1/status")" up
