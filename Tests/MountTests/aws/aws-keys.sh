# Keys that are no paths have names of their own, each readable and removable; versions and classes are attributes.
# Limit: 90 s
source "$LIB/case.sh"
source "$LIB/aws.sh"
mount_cloud
export BUCKET=keys-$$
B=$P/buckets/$BUCKET
mkdir "$B"
boto <<'Y'
b = os.environ["BUCKET"]
for key in ["a", "a/b", "x//y", "z/", "z/z", "/lead", "./dot", "t/../u", "n" * 1024, "per%2Fcent", "100%"]:
    s3.put_object(Bucket=b, Key=key, Body=b"" if key.endswith("/") else key.encode())
Y
is "$(cat "$B/a%file") $(cat "$B/a/b")" "a a/b"
is "$(cat "$B/x/%2F/y")" x//y
is "$(cat "$B/%2F/lead")" /lead
is "$(cat "$B/%2E/dot") $(cat "$B/t/%2E./u")" "./dot t/../u"
is "$(ls "$B/z")" z
is "$(cat "$B/per%2Fcent") $(cat "$B/100%")" "per%2Fcent 100%"
find "$B" -type f -size +1000c -exec cat {} + > long
is "$(cat long)" "$(printf 'n%.0s' {1..1024})"
is "$(find "$B" -type f | wc -l)" 10
is "$(find "$B" -type f -exec cat {} + | wc -c)" "$(boto <<< 'print(sum(o["Size"] for o in s3.list_objects_v2(Bucket=os.environ["BUCKET"])["Contents"]))')"
# What was removed by its name is that key and no other.
rm "$B/a%file" "$B/x/%2F/y"
is "$(boto <<< 'print(sorted(o["Key"] for o in s3.list_objects_v2(Bucket=os.environ["BUCKET"])["Contents"] if o["Key"][0] in "ax"))')" "['a/b']"
rm -rf "${B:?}"/*
is "$(ls "$B")" ''

# What is made by such a name has that key, also under another directory.
mkdir "$B/made" "$B/made/%2F"
for name in %2E %2E. %2F/e p%25file 'sp ace+' t%09b; do echo "$name" > "$B/made/$name"; done
made() { boto <<< 'print(sorted(o["Key"] for o in s3.list_objects_v2(Bucket=os.environ["BUCKET"])["Contents"]))'; }
is "$(made)" "['made/', 'made/.', 'made/..', 'made//', 'made//e', 'made/p%file', 'made/sp ace+', 'made/t\\tb']"
mv "$B/made" "$B/moved"
for name in %2E %2E. %2F/e p%25file 'sp ace+' t%09b; do is "$(cat "$B/moved/$name")" "$name"; done
rm -r "$B/moved"
is "$(ls "$B")" ''

# Versions: the newest is the file, and its name there is told.
boto <<< 's3.put_bucket_versioning(Bucket=os.environ["BUCKET"], VersioningConfiguration={"Status": "Enabled"})'
echo one > "$B/kept"
first=$(getfattr --only-values -n user.infrafs.version "$B/kept")
echo two > "$B/kept"
differs "$(getfattr --only-values -n user.infrafs.version "$B/kept")" "$first"
is "$(boto "$first" <<< 'print(s3.get_object(Bucket=os.environ["BUCKET"], Key="kept", VersionId=sys.argv[1])["Body"].read().decode(), end="")')" one
boto <<< 's3.put_object(Bucket=os.environ["BUCKET"], Key="cold", Body=b"c", StorageClass="STANDARD_IA")'
is "$(getfattr --only-values -n user.infrafs.storage_class "$B/cold")" STANDARD_IA
# A bucket that still holds old versions is not empty.
rm "$B/kept" "$B/cold"
is "$(ls "$B")" ''
expect ENOTEMPTY rmdir "$B"
