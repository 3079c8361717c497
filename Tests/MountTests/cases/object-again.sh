# A name that is made, read and removed over and over is what was done to it last.
source "$LIB/case.sh"
mount_demo
box=$P/buckets/assets
for round in $(seq 20); do
    head -c 300000 /dev/urandom > new
    cat new > "$box/again"
    cmp new "$box/again"
    rm "$box/again"
    [ "$round" -lt 10 ] || refuses stat "$box/again" 2> /dev/null
done
