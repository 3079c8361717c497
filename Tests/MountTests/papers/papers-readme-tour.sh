# The console blocks of README are one session, and print what README shows.
# Limit: 90 s
source "$LIB/case.sh"
mkdir bin
ln -s "$INFRAFS" bin/infrafs
export PATH=$T/bin:$PATH

# The commands with a mark before each, and README's own words in the same form.
awk '/^```console$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$ROOT/README.md" > blocks
sed -n 's/^\$ \(.*\)$/\1/p' blocks > commands
[ "$(wc -l < commands)" -gt 30 ]
while IFS= read -r command; do
    printf 'printf "$ %%s\\n" %q\n%s\n' "$command" "$command"
done < commands > script
HOME=$HOME bash < script > printed 2>&1 || true

# What differs from run to run: times, and how bash names its input.
normalise() {
    sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g; s/^bash: line [0-9]+: /bash: /
        s/the simulated cloud cannot be reached: //' "$1"
}
diff <(normalise blocks) <(normalise printed)
refuses mountpoint -q "$HOME/demo"
