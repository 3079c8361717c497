# A draft takes a whole YAML document, and a document that makes no sense is refused when it is closed.
source "$LIB/case.sh"
mount_demo
draft=$P/drafts/vms/app1
mkdir "$draft"
printf 'memory: 4096\ncpus: 4\nimage: debian-12\n' > document
cp document "$draft/info"
is "$(cat "$draft/memory") $(cat "$draft/cpus") $(cat "$draft/image")" "4096 4 debian-12"
printf 'memory: [1, 2\n' > wrong
refuses cp wrong "$draft/info" 2> /dev/null
printf 'memmory: 4096\n' > wrong
refuses cp wrong "$draft/info" 2> /dev/null
is "$(cat "$draft/memory")" 4096
mv "$draft" "$P/vms/app1"
is "$(cat "$P/vms/app1/memory")" 4096
