# A configuration that cannot be used: non-zero, one line that says why, nothing mounted (L2).
source "$LIB/case.sh"
mkdir -p "$XDG_CONFIG_HOME/infrafs"
config=$XDG_CONFIG_HOME/infrafs/config.yaml
umask 077
# try PATTERN: the configuration is the standard input.
try() {
    cat > "$config"
    local status=0
    timeout 10 "$INFRAFS" mount "$M" > output 2>&1 || status=$?
    refuses mountpoint -q "$M"
    differs $status 0 "$1"
    differs $status 124
    is "$(wc -l < output)" 1 "$(cat output)"
    grep -qE "$1" output || fail "'$(cat output)' does not say '$1'"
}
try 'type' <<< 'providers: {a: {typ: fake}}'
try "colour" <<< 'providers: {a: {type: fake, colour: red}}'
try "nonsense" <<< 'providers: {a: {type: nonsense}}'
try "vms" <<< 'providers: {a: {type: fake, vms: many}}'
try "vms" <<< 'providers: {a: {type: fake, vms: -1}}'
try "cache" <<< 'providers: {a: {type: fake, cache: soon}}'
try ":2" <<< $'providers:\n\ta: 1'
try "provid" <<< '{}'
try "provider" <<< '{providers: {a: {type: fake}}, provider: {}}'
try "a/b|name" <<< 'providers: {"a/b": {type: fake}}'
try "mount|wings" <<< $'providers: {a: {type: fake}}\nmount: {wings: 2}'
# Secrets that others can read.
cat > "$config" <<'Y'
providers:
  a: {type: fake, password: PlantedSecret}
Y
chmod 644 "$config"
status=0
timeout 10 "$INFRAFS" mount "$M" > output 2>&1 || status=$?
differs $status 0
grep -q 'chmod 600' output
refuses grep -q PlantedSecret output
refuses mountpoint -q "$M"
chmod 600 "$config"
try 'url holds a password' <<< 'providers: {a: {type: kvm, url: "test+tcp://someone:PlantedSecret@127.0.0.1:1/default"}}'
refuses grep -q PlantedSecret output
rm "$config"
status=0
timeout 10 "$INFRAFS" mount "$M" > output 2>&1 || status=$?
differs $status 0
is "$(wc -l < output)" 1
grep -q -- --demo output
