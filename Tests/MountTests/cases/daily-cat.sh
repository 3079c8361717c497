# cat of files, singly and by a glob.
source "$LIB/case.sh"
mount_demo
is "$(cat "$P/vms/web1/name")" web1
is "$(cat "$P/type")" fake
is "$(cat "$P/status")" up
is "$(cat "$P"/vms/web?/name | tr '\n' ' ')" "web1 web2 web3 "
matches "$(cat "$P/overview")" 'NAME +STATUS +IP +SOURCE +PLAN +PROFILE'
