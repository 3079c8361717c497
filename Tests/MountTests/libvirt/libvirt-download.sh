# Images and media from a web server: decompressed, checked, or nothing at all.
# Limit: 180 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab
pool=$INFRAFS_TEST_LIBVIRT_DIR/pool
mkdir www
cp "$pool/guest.qcow2" www/plain.qcow2
head -c 3000000 /dev/urandom > www/raw.img
truncate -s 200M www/raw.img
gzip -k www/plain.qcow2
xz -0 -k www/raw.img
zstd -q www/plain.qcow2
(cd www && sha256sum -- * > SHA256SUMS)
python3 -u -m http.server --bind 127.0.0.1 --directory www 0 > served 2> requests &
server=$!
at_end "kill $server"
within 10 grep -q 'port' served
url=http://127.0.0.1:$(sed -n 's/.*port \([0-9]*\).*/\1/p' served)

# draft COLLECTION NAME FILE [CHECKSUM]
draft() {
    local draft=$P/drafts/$1/$2
    mkdir "$draft"
    echo "$url/$3" > "$draft/url"
    if [ -n "${4-}" ]; then echo "$4" > "$draft/checksum"; fi
}
fetch() {
    draft "$@"
    mv "$P/drafts/$1/$2" "$P/$1/$2"
}
# What is not as promised leaves nothing.
refused() {
    draft images "$@"
    expect ECANCELED rename "$P/drafts/images/$1" "$P/images/$1"
    refuses test -e "$pool/$1"
    rm -r "$P/drafts/images/$1"
}
fetch images plain plain.qcow2
within 60 cmp -s "$pool/plain" www/plain.qcow2
is "$(cat "$P/images/plain/format")" qcow2
fetch images zipped plain.qcow2.gz "$url/SHA256SUMS"
within 60 cmp -s "$pool/zipped" www/plain.qcow2
fetch images packed raw.img.xz "sha256:$(sha256sum www/raw.img.xz | cut -d ' ' -f 1)"
within 60 cmp -s "$pool/packed" www/raw.img
[ "$(stat -c %b "$pool/packed")" -lt 40000 ] || fail "zeros were written"
fetch isos medium.iso plain.qcow2.zst "$(md5sum www/plain.qcow2.zst | cut -d ' ' -f 1)"
within 60 cmp -s "$pool/medium.iso" www/plain.qcow2

refused wrong plain.qcow2 "sha256:$(printf %064d 1)"
refused none not-there
head -c 100000 www/raw.img.xz > www/short.xz
refused short short.xz
rmdir "$P/images/plain" "$P/images/zipped" "$P/images/packed" "$P/isos/medium.iso"
