# Links and files that another user has planted where the daemon writes are refused before anything is mounted or written.
source "$LIB/case.sh"
chmod 755 "$WORK"
victim=$T/victim
echo precious > "$victim"
other() { chown -h 65534:65534 "$@"; }
# refused WORDS [OPTION]...: 71, one line, nothing mounted and nothing written.
refused() {
    local words=$1 status=0
    shift
    timeout 20 "$INFRAFS" mount --demo "$@" "$M" > said 2>&1 < /dev/null || status=$?
    is "$status $(wc -l < said)" "71 1" "$(cat said)"
    has "$words" said
    refuses mountpoint -q "$M"
    is "$(cat "$victim")" precious
}
# The log file: a link to another's file, a file of somebody else, a pipe.
ln -s "$victim" planted.log
other planted.log
refused 'is a link that belongs to another user' --log-file "$T/planted.log"
refused 'is a link that belongs to another user' -o "log_file=$T/planted.log"
touch theirs.log
other theirs.log
refused 'belongs to another user' --log-file "$T/theirs.log"
is "$(stat -c %s theirs.log)" 0
mkfifo pipe.log
other pipe.log
refused 'cannot write the log file' --log-file "$T/pipe.log"
# The state directory: a link to somewhere else, one of somebody else, one that all can write to.
state=$XDG_STATE_HOME/infrafs
mkdir elsewhere
ln -s "$T/elsewhere" "$state"
other "$state"
refused 'state directory.*is a link that belongs to another user'
rm "$state"
mkdir "$state"
other "$state"
refused 'state directory.*belongs to another user'
chown 0:0 "$state"
chmod 777 "$state"
refused 'chmod o-w'
chmod 700 "$state"
is "$(ls -A elsewhere "$state" | grep -v : | tr -d '\n')" ""
# What the administrator has made so is followed.
ln -s "$T/mine.log" own.log
rmdir "$state"
ln -s "$T/elsewhere" "$state"
LOG=$T/own.log
mount_demo
mkdir "$P/drafts/vms/kept"
test -n "$(find elsewhere -name '*.json')"
has mounted mine.log
is "$(stat -c %a mine.log)" 644
unmount
rm own.log mine.log
LOG=$T/new.log
"$INFRAFS" mount --demo --log-file "$T/new.log" "$M"
is "$(stat -c %a new.log)" 600
umount "$M"
