# A document of many writes is applied once, when its writer closes, and the writer hears of a failure (W14).
source "$LIB/case.sh"
mount_demo
group=$(ls "$P/security_groups" | head -n 1)
rules=$P/security_groups/$group/rules
for port in $(seq 1000 1999); do echo "ingress tcp $port 10.0.0.0/8"; done > document
reset_calls
cat document > "$rules"
is "$(changes)" 1 "$(cat "$P/.inject/calls")"
is "$(sort "$rules" | sha256sum)" "$(sort document | sha256sum)"
# In writes of 4 KiB, and by a tool that closes a copy of the descriptor in between.
tac document > other
reset_calls
strace -f -o trace -e trace=write dd if=other of="$rules" bs=4096 status=none
at_most 6 "$(grep -c 'write(1' trace)"
is "$(changes)" 1 "$(cat "$P/.inject/calls")"
{ head -n 500 document; tail -n +501 document; } > "$rules"
is "$(sort "$rules" | sha256sum)" "$(sort document | sha256sum)"
before=$(sha256sum < "$rules")
{ cat document; echo 'ingress carrier-pigeon 1 everywhere'; } > wrong
for way in 'cat wrong > "$1"' 'cp wrong "$1"' 'dd if=wrong of="$1" bs=4096 status=none'; do
    refuses bash -c "$way" bash "$rules" 2> errors
    has 'Invalid argument$' errors
done
is "$(sha256sum < "$rules")" "$before"
