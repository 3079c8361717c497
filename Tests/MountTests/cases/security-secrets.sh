# A planted secret is nowhere: not in the tree, the log, the audit, the metrics, the process or the mount table (L7).
source "$LIB/case.sh"
export PLANTED=PlantedSecretOfTheEnvironment
(umask 077; echo PlantedSecretOfTheFile > "$T/secret"; echo PlantedSecretOfTheCommand > "$T/told")
printf '#!/bin/sh\necho "asked for PlantedSecretOfTheCommand" >&2\ncat "$1"\n' > "$T/ask"
chmod 700 "$T/ask"
mount_config --log-level debug <<Y
providers:
  demo: {type: fake}
  file: {type: fake, password: {file: $T/secret}}
  plain: {type: fake, password: PlantedSecretInPlace}
  environment: {type: fake, password: {env: PLANTED}}
  command: {type: fake, password: {command: [$T/ask, $T/told]}}
Y
unset PLANTED
cat "$M"/*/status > statuses
for provider in plain command; do
    echo yes > "$M/$provider/.inject/outage"
    ls "$M/$provider/vms" > /dev/null 2>&1 || true
    cat "$M/$provider/vms/web1/.error" "$M/$provider/errors" >> words 2>&1 || true
done
refuses grep PlantedSecret words
for provider in plain command; do echo no > "$M/$provider/.inject/outage"; done
# nowhere PATH...: what cannot be read hides no match, and all of it is looked at in time.
nowhere() {
    local status=0
    timeout 60 grep -r PlantedSecret "$@" > found 2> unread || status=$?
    differs $status 124
    is "$(cat found)" ""
}
nowhere "$M" "$M/.infrafs" "$M"/*/vms/web1/{.error,info}
for name in version config metrics log audit; do
    test -e "$M/.infrafs/$name" || fail "no .infrafs/$name"
    refuses grep -q PlantedSecret "$M/.infrafs/$name"
done
refuses grep -q PlantedSecret "$LOG"
refuses grep -qa PlantedSecret "/proc/$DAEMON/cmdline"
refuses grep -q PlantedSecret /proc/mounts
refuses bash -c "'$INFRAFS' check 2>&1 | grep PlantedSecret"
# What a command said is in no error either, when it fails after all.
printf '#!/bin/sh\ncat "$1" "$1" >&2\ncat "$1"\nexit 3\n' > "$T/ask"
"$INFRAFS" check > said 2>&1 || true
has 'failed with code 3' said
refuses grep PlantedSecret said

# A password is written into a draft or a profile and not read back: nor is a copy of it.
unmount
mount_demo
for place in "$P/drafts/vms/new" "$P/profiles/web"; do
    mkdir "$place"
    echo PlantedSecretPassword > "$place/password"
    printf 'cpus: 3\nrootpassword: PlantedSecretRoot\nmemory: 512\n' > "$place/info"
    printf '#cloud-config\n' > "$place/userdata"
    is "$(cat "$place/userdata")" '#cloud-config'
    is "$(stat -c '%s %a' "$place/password")" '0 600'
    is "$(stat -c %a "$place/userdata") $(stat -c %a "$place/info")" '600 600'
    reads "$place/info" $'cpus: 3\nmemory: 512'
    has '^password: <secret>' "$place/.plan"
    has '^rootpassword: <secret>' "$place/.plan"
    sed -i s/3/4/ "$place/info"
    has '^rootpassword: <secret>' "$place/.plan"
    tar -cf tar -C "$place" . && tar -df tar -C "$place"
    rsync -a "$place/" copy/ && is "$(rsync -ai "$place/" copy/)" ''
    refuses grep -ra PlantedSecret "$place" tar copy
    rm -r copy
done
echo web > "$P/drafts/vms/new/profile"
# One that was unset, and one that is moved.
rm "$P/profiles/web/password" "$P/profiles/web/rootpassword"
refuses grep -q password "$P/profiles/web/.plan"
mv "$P/drafts/vms/new" "$P/drafts/vms/other"
has '^password: <secret>' "$P/drafts/vms/other/.plan"
mv "$P/drafts/vms/other" "$P/vms/new"
nowhere "$P/vms/new" "$P/drafts" "$P/profiles" "$M/.infrafs" "$P/vms/new/.error" "$LOG" "$P/events" "$P/errors"
