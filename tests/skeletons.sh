#!/bin/sh
# skeletons.sh: labs/ is what `make skeletons` would write, and every skeleton has something left to do.
#
# The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0 failed=0

say() { # WORD TEXT
    echo "$1 - $2"
    case $1 in ok) passed=$((passed + 1)) ;; *) failed=$((failed + 1)) ;; esac
}

if ! ./tools/skeletons.sh "$work" > "$work/said" 2>&1; then
    say "not ok" "tools/skeletons.sh fails"
    sed 's/^/#   /' "$work/said"
fi

for fresh in "$work"/*/*.[ch]; do
    [ -f "$fresh" ] || continue
    file=${fresh#"$work"/}
    if diff -u "labs/$file" "$fresh" > "$work/diff" 2>&1; then
        say ok "labs/$file is as generated"
    else
        say "not ok" "labs/$file is not as generated; make skeletons"
        sed 's/^/#   /' "$work/diff"
    fi
done

for file in labs/*/*.[ch]; do
    [ -f "$work/${file#labs/}" ] || say "not ok" "$file comes from no solution"
done

for lab in labs/*/; do
    if grep -q TODO "$lab"*.c; then
        say ok "$lab leaves something to write"
    else
        say "not ok" "$lab has no TODO: it is a solution"
    fi
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
