# tar out of the whole fleet: no warning, and what comes out is what was there.
source "$LIB/case.sh"
mount_demo
tar -C "$M" --exclude=data -cf all.tar demo 2> warnings
is "$(cat warnings)" ""
mkdir out
tar -C out -xf all.tar
diff -r --exclude=data --exclude=events "$P" out/demo
