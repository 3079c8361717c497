# Tab completion at a real prompt finds the names, and looks at nothing that is not listed (X9).
source "$LIB/case.sh"
mount_demo
"$INFRAFS" completion bash > completion
cat > rc <<Y
PS1='ready> '
source /usr/share/bash-completion/bash_completion
source $T/completion
PATH=$(dirname "$INFRAFS"):\$PATH
Y
reset_calls
# Each key of its own: `echo` of what was completed goes to a file that is read afterwards.
"$LIB/typing" "echo $P/vms/web1/mem\\t > $T/attribute\\r" "cd $P/vms/bui\\t\\t" "\\x15" "cat $P/drafts/v\\t > $T/none\\x15" \
    "infrafs wai\\t --help > $T/help\\r" "ls $P/vms/web1/.\\t\\t\\x15" "exit\\r" -- bash --rcfile rc -i > screen 2>&1
is "$(cat attribute)" "$P/vms/web1/memory"
grep -q 'infrafs wait' help
is "$(changes)" 0
is "$(awk '$1 ~ /serial|console/' "$P/.inject/calls")" ""
