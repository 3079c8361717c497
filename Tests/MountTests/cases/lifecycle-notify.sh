# systemd is told when the mount answers (Type=notify), and what is after it finds the files at once (L6).
source "$LIB/case.sh"
cat > manager.py <<'P'
import os, socket, subprocess, sys
program, place, name = sys.argv[1:]
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
server.settimeout(20)
daemon = subprocess.Popen([program, "mount", "-f", "--log-file", "/dev/null", "--demo", place], env={**os.environ, "NOTIFY_SOCKET": name})
print(server.recv(100).decode(), open(place + "/demo/vms/web1/name").read().strip())
subprocess.run(["umount", place], check=True)
print(daemon.wait(20))
P
is "$(python3 manager.py "$INFRAFS" "$M" "$T/notify")" $'READY=1 web1\n0'
is "$(python3 manager.py "$INFRAFS" "$M" "@infrafs-$$")" $'READY=1 web1\n0'
