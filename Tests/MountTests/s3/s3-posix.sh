# O9: open, unlink, rename, truncate, mkdir and rmdir do what POSIX says, but for what infrafs-tree(7) lists.
# Limit: 120 s
source "$LIB/case.sh"
source "$LIB/s3.sh"
mount_store
make_bucket
mkdir "$B/posix"
"$LIB/posix" "$B/posix" | tee "$T/told"
is "$(grep -c ', expected ' "$T/told")" 8
cut -d: -f1 "$T/told" | head -n -1 > "$T/missed"
diff "$T/missed" - <<'E'
what is open stays readable
the inode stays over a rename
hard links
symbolic links
pipes
modes
times within a second
the time of the last reading
E
is "$(debris)" 0
