# What S3 knows of an object beside its content: attributes, a URL for anybody, a mode for everybody.
source "$LIB/case.sh"
source "$LIB/s3.sh"
mount_store
make_bucket
echo hello > "$B/page.html"
attribute() { getfattr --only-values -n "user.infrafs.$1" "$B/page.html"; }
is "$(attribute content_type)" text/html
is "\"$(attribute etag)\"" "$(boto <<< 'print(s3.head_object(Bucket=b, Key="page.html")["ETag"])')"
is "$(curl -sf "$(attribute url)")" hello
is "$(stat -c %A "$B/page.html" | cut -c8)" -
chmod o+r "$B/page.html"
is "$(stat -c %A "$B/page.html" | cut -c8)" r
