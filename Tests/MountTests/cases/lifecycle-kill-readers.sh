# Who reads while the daemon dies gets whole listings and whole files or ENOTCONN: no listing that ends early, no ENOENT (L4).
# Limit: 240 s
source "$LIB/case.sh"
seed
cat > readers.py <<'P'
import errno, os, sys, threading, time
root, stop = sys.argv[1], time.monotonic() + 90
# What is there, from before: each directory with its names, each file with its bytes.
known = {}
for where, directories, files in os.walk(root):
    directories[:] = [name for name in directories if name != "data"]
    known[where] = sorted(directories + files)
    for name in files:
        with open(f"{where}/{name}", "rb") as file:
            known[f"{where}/{name}"] = file.read()
print("ready", flush=True)
said, wrong, whole = {}, [], [0]
lock = threading.Lock()

def look(path):
    if isinstance(known[path], list):
        return sorted(name for name in os.listdir(path) if name != "data")
    with open(path, "rb") as file:
        return file.read()

def read(number):
    paths = sorted(known)[number::8]
    dead = False
    while time.monotonic() < stop and not dead:
        for path in paths:
            try:
                got = look(path)
                if got != known[path]:
                    wrong.append((path, got))
                whole[0] += 1
            except OSError as error:
                with lock:
                    name = errno.errorcode[error.errno]
                    said[name] = said.get(name, 0) + 1
                dead = True

readers = [threading.Thread(target=read, args=(number,)) for number in range(8)]
for reader in readers: reader.start()
for reader in readers: reader.join()
print(whole[0], "reads,", said, "wrong:", wrong[:3])
assert not wrong
# ECONNABORTED is for a request that was under way.
assert set(said) <= {"ENOTCONN", "ECONNABORTED"} and said, said
P
for _ in 1 2 3 4; do
    mount_config <<'Y'
providers:
  demo: {type: fake, vms: 60, cache: 1s}
Y
    rm -f readers.out
    python3 -I readers.py "$P/vms" > readers.out 2>&1 &
    reading=$!
    within 60 grep -q ready readers.out
    # What the kernel has of pages is dropped all the time, which waits for those that are being read.
    (while echo now > "$P/refresh"; do sleep 0.05; done) 2> /dev/null & refreshing=$!
    sleep "0.$((RANDOM % 700 + 200))"
    kill_daemon
    wait $reading || fail "$(tail -n 3 readers.out)"
    cat readers.out
    wait $refreshing || true
done
umount -l "$M"
