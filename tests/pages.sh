#!/bin/sh
# pages.sh: what make check can see of the HTML pages without a browser (make check-browser looks with one): the script that a class's
# page lets a browser run is the one that it has, and nothing on a page leads out of the machine.
# The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1
build=${SOCKLAB_BUILD:-build}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0 failed=0

expect() { # TEXT COMMAND...
    text=$1
    shift
    if "$@"; then
        echo "ok - $text"
        passed=$((passed + 1))
    else
        echo "not ok - $text"
        failed=$((failed + 1))
    fi
}

"$build/tool/pages" class "$work/class.html"
expect "a class's page is made" [ $? -eq 0 ]
"$build/tool/pages" report tests/data/pages/hostile.json "$work/report.html"
expect "a report of hostile texts is made" [ $? -eq 0 ]

# What a browser hashes: the bytes between the tags (CSP Level 3, section 6.7.3.3).
awk '/<script>/ { on = 1; sub(/.*<script>/, "") } /<\/script>/ { if (on) exit } on' "$work/class.html" > "$work/script"
hash=$(sha256sum "$work/script" | cut -c 1-64 | tr a-f A-F | basenc --base16 -d | base64)
expect "the page has the script" cmp -s "$work/script" grader/report/class_page.js
expect "... which its policy names: sha256-$hash" grep -qF "script-src 'sha256-$hash'" "$work/class.html"

for page in class report; do
    grep -oiE '(src|href|action|data|poster|srcset|background)="[^"]*"' "$work/$page.html" | sort -u > "$work/links"
    expect "$page: there are links to look at" [ -s "$work/links" ]
    expect "... and none leads out of its folder" eval '! grep -iE "=\"([a-z]+:|/|\\\\)" "$work/links"'
    expect "$page: its policy forbids everything else" grep -q "default-src 'none'" "$work/$page.html"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
