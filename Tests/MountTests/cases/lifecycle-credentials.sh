# Bad credentials at start: `infrafs check` ends with 1 and says why; a mount does not wait for them, is there and says so
# (L2).
source "$LIB/case.sh"
mkdir -p "$XDG_CONFIG_HOME/infrafs"
config=$XDG_CONFIG_HOME/infrafs/config.yaml
umask 077
# A port where nobody listens, and one where whoever comes is refused.
python3 -c '
import http.server
class Refuser(http.server.BaseHTTPRequestHandler):
    def refuse(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b"{\"error\": {\"code\": 401, \"title\": \"Unauthorized\", \"message\": \"not with these credentials\"}}"
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_GET = do_POST = refuse
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Refuser)
open("port.new", "w").write(str(server.server_port))
import os; os.rename("port.new", "port")
server.serve_forever()' &
server=$!
at_end 'kill $server'
within 20 test -e port
cat > "$config" <<Y
providers:
  demo: {type: fake}
  cloud:
    type: openstack
    auth_url: http://127.0.0.1:$(cat port)/v3
    user: someone
    password: PlantedSecret
    project: somewhere
    timeout: 10s
Y
status=0
timeout 60 "$INFRAFS" check > said 2> errors || status=$?
is $status 1 "$(cat said errors)"
has '^demo *fake *up' said
has '^cloud *openstack *down' said
status=0
timeout 60 "$INFRAFS" check demo > /dev/null || status=$?
is $status 0
allow_errors 'provider=cloud'
mount_with
is "$(cat "$P/vms/web3/name")" web3
within 20 has '^down: ' "$M/cloud/status"
expect EKEYREJECTED list "$M/cloud/vms"
expect EKEYREJECTED mkdir "$M/cloud/vms/new"
has EKEYREJECTED "$M/cloud/errors"
refuses grep -r PlantedSecret said errors "$M/cloud/errors" "$M/cloud/status" "$M/.infrafs" "$LOG"
