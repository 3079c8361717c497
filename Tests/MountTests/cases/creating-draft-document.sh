# A draft takes a whole YAML document, and a document that makes no sense is refused when it is closed.
source "$LIB/case.sh"
mount_demo
draft=$P/drafts/vms/app1
mkdir "$draft"
printf 'memory: 4096\ncpus: 4\nimage: debian-12\n' > document
cp document "$draft/info"
for line in 'memory: 4096' 'cpus: 4' 'image: debian-12'; do grep -qx "$line" "$draft/.plan"; done
printf 'memory: [1, 2\n' > wrong
expect EINVAL put "$draft/info" wrong
printf 'memmory: 4096\n' > wrong
expect EINVAL put "$draft/info" wrong
refuses cp wrong "$draft/info" 2> errors
has ': Invalid argument$' errors
grep -qx 'memory: 4096' "$draft/.plan"
mv "$draft" "$P/vms/app1"
is "$(cat "$P/vms/app1/memory")" 4096
