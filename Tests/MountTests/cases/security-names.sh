# Names that would lead elsewhere: links and dots in the configuration, the state, the secrets and the mount point.
source "$LIB/case.sh"
config=$XDG_CONFIG_HOME/infrafs
mkdir -p "$config"
outside=$WORK/outside
mkdir "$outside"
refused() {
    if timeout 20 "$INFRAFS" mount "$M" > "$T/said" 2>&1; then fail "line ${BASH_LINENO[0]}: mounted"; fi
    is "$(wc -l < "$T/said")" 1 "$(cat "$T/said")"
    refuses findmnt "$M" > /dev/null
}
# A secret that others can read is refused through a link too, and so is one in a directory in place of a file.
echo PlantedSecret > "$outside/open"
chmod 644 "$outside/open"
ln -s "$outside/open" "$T/link"
echo 'providers: {demo: {type: fake, password: {file: '"$T/link"'}}}' > "$config/config.yaml"
chmod 600 "$config/config.yaml"
refused
refuses grep -q PlantedSecret said
echo 'providers: {demo: {type: fake, password: {file: '"$outside"'}}}' > "$config/config.yaml"
refused
echo 'providers: {demo: {type: fake, password: {file: /dev/zero}}}' > "$config/config.yaml"
refused
# The name of a provider is the name of a directory, and of one for its state.
for name in .. . .hidden a/b ../../outside ''; do
    echo "providers: {\"$name\": {type: fake}}" > "$config/config.yaml"
    refused
done
# A configuration that others can write to and that holds a secret.
echo 'providers: {demo: {type: fake, password: PlantedSecret}}' > "$config/config.yaml"
chmod 644 "$config/config.yaml"
refused
refuses grep -q PlantedSecret said
# Drafts and profiles stay where the state is, whatever their names.
echo 'providers: {demo: {type: fake}}' > "$config/config.yaml"
mount_with
for name in '%2E.%2F..%2Foutside%2Fdraft' '%2E.' '%2Fetc%2Fdraft'; do
    mkdir "$P/drafts/vms/$name"
    echo 1024 > "$P/drafts/vms/$name/memory"
    mkdir "$P/profiles/$name"
    is "$(cat "$P/drafts/vms/$name/memory")" 1024
done
is "$(ls -A "$outside")" open
is "$(find "$WORK" -name '*draft*' -not -path "$M/*" -not -path "$XDG_STATE_HOME/*" 2> /dev/null)" ""
expect EINVAL mkdir "$P/drafts/vms/.x"
unmount
mount_with
is "$(cat "$P/drafts/vms/%2E./memory")" 1024
unmount
# A mount point that is a link is the directory that it leads to.
mkdir "$T/real"
ln -s "$T/real" "$T/way"
M=$T/way mount_with
findmnt "$T/real" > /dev/null
umount "$T/real"
await_end
