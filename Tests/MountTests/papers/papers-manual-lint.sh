# mandoc has no complaint about the manual pages.
source "$LIB/case.sh"
for page in "$ROOT"/man/*; do mandoc -Tlint -W warning "$page"; done
