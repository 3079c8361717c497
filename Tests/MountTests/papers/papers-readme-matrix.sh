# README's table of what each provider supports is what `infrafs providers` prints.
source "$LIB/case.sh"
awk '/^<!-- infrafs providers -->$/ { getline; inside = 1; next } /^```$/ { inside = 0 } inside' "$ROOT/README.md" > shown
[ -s shown ]
"$INFRAFS" providers | diff shown -
