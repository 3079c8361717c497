# check, providers, why, wait and completion answer, and fail with one line where they must.
source "$LIB/case.sh"
mount_demo
"$INFRAFS" --version > /dev/null
"$INFRAFS" providers | grep -q fake
"$INFRAFS" completion bash > completion
bash -n completion
expect EINVAL write "$P/vms/web3/memory" much
"$INFRAFS" why "$P/vms/web3/memory" | grep -q much
refuses "$INFRAFS" nonsense 2> /dev/null
refuses "$INFRAFS" why "$T" 2> errors
is "$(wc -l < errors)" 1
refuses timeout 5 "$INFRAFS" wait "$P/vms/none/.wait/up" 2> errors
is "$(wc -l < errors)" 1
mkdir -p "$XDG_CONFIG_HOME/infrafs"
(umask 077; echo 'providers: {a: {type: fake}, b: {type: kvm, url: "test:///default"}}' > "$XDG_CONFIG_HOME/infrafs/config.yaml")
"$INFRAFS" check > checked
grep -q '^a' checked
refuses grep -qi down checked
