# Who may read is what S3 says, asked by name and by chmod; tags and ACLs outlive a change, a time and another name.
# Limit: 120 s
source "$LIB/case.sh"
source "$LIB/aws.sh"
mount_cloud
export BUCKET=access-$$
B=$P/buckets/$BUCKET
mkdir "$B"
public() { getfattr --only-values -n user.infrafs.public "$1"; }
# in_bucket CALL ARGUMENTS...: of boto3, with the bucket; `everybody` is what its answer grants to all.
in_bucket() { boto <<< "
def everybody(acl): return [g['Permission'] for g in acl['Grants'] if g['Grantee'].get('URI', '').endswith('/AllUsers')]
b = os.environ['BUCKET']
$1"; }
granted() { in_bucket "print(everybody(s3.get_object_acl(Bucket=b, Key='$1')))"; }
is_public() { [ "$(public "$1")" = "$2" ]; }
mode_is() { [ "$(stat -c %a "$1")" = "$2" ]; }

echo one > "$B/o"
is "$(public "$B/o")" no
# What somebody else has opened shows once it was asked for, and is closed by a chmod that seems to change nothing.
in_bucket "s3.put_object_acl(Bucket=b, Key='o', ACL='public-read')"
is "$(stat -c %a "$B/o")" 600
chmod o-r "$B/o"
is "$(granted o)" '[]'
is "$(public "$B/o")" no
in_bucket "s3.put_object_acl(Bucket=b, Key='o', ACL='public-read')"
is "$(public "$B/o")" yes
within 20 mode_is "$B/o" 604
# A mode that is another in other bits opens and closes nothing.
chmod 750 "$B/o"
is "$(granted o)" "['READ']"

# What it has beside its content.
in_bucket "s3.put_object_tagging(Bucket=b, Key='o', Tagging={'TagSet': [{'Key': 'a b', 'Value': 'c=d+e'}, {'Key': 'f', 'Value': ''}]})"
tags() { in_bucket "print(sorted((t['Key'], t['Value']) for t in s3.get_object_tagging(Bucket=b, Key='$1')['TagSet']))"; }
tagged="[('a b', 'c=d+e'), ('f', '')]"
is "$(tags o)" "$tagged"
kept() {
    is "$(tags "$1")" "$tagged" "$2"
    is "$(granted "$1")" "['READ']" "$2"
}
touch -d '2001-02-03 04:05:06' "$B/o"
kept o 'after a time'
echo two >> "$B/o"
is "$(cat "$B/o")" $'one\ntwo'
kept o 'after a change'
mv "$B/o" "$B/p"
kept p 'under another name'

# A bucket, by its own ACL.
opened() { in_bucket "print(everybody(s3.get_bucket_acl(Bucket=b)))"; }
is "$(public "$B")" no
in_bucket "s3.put_bucket_acl(Bucket=b, ACL='public-read')"
within 20 is_public "$B" yes
chmod o-r "$B"
is "$(opened)" '[]'
chmod o+r "$B"
is "$(opened)" "['READ']"
is "$(public "$B")" yes
rm "$B/p"
within 20 rmdir "$B"
