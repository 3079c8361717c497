# A planted secret is nowhere: not in the tree, the log, the audit, the metrics, the process or the mount table (L7).
source "$LIB/case.sh"
export PLANTED=PlantedSecretOfTheEnvironment
(umask 077; echo PlantedSecretOfTheFile > "$T/secret")
mount_config --log-level debug <<Y
providers:
  demo: {type: fake}
  file: {type: fake, password: {file: $T/secret}}
  plain: {type: fake, password: PlantedSecretInPlace}
  environment: {type: fake, password: {env: PLANTED}}
Y
unset PLANTED
cat "$M"/*/status > statuses
echo yes > "$M/plain/.inject/outage"
ls "$M/plain/vms" > /dev/null 2>&1 || true
timeout 40 grep -r PlantedSecret "$M" "$M/.infrafs" && fail "in the tree"
for name in version config metrics log audit; do
    test -e "$M/.infrafs/$name" || fail "no .infrafs/$name"
    refuses grep -q PlantedSecret "$M/.infrafs/$name"
done
refuses grep -q PlantedSecret "$LOG"
refuses grep -qa PlantedSecret "/proc/$DAEMON/cmdline"
refuses grep -q PlantedSecret /proc/mounts
refuses bash -c "'$INFRAFS' check 2>&1 | grep PlantedSecret"
