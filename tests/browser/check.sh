#!/bin/sh
# check.sh [PICTURES]: the book and the grader's own pages in a real browser (make check-browser); PICTURES is a folder for
# pictures of some pages.
#
# Needs Debian's chromium and nodejs (./setup.sh --browser). The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/../.." || exit 1
build=${SOCKLAB_BUILD:-build}
site=$build/handouts
missing=
for tool in "${CHROMIUM:-chromium}" node; do
    command -v "$tool" > /dev/null || missing="$missing $tool"
done
if [ -n "$missing" ]; then
    echo "not ok - not here:$missing; ./setup.sh --browser installs them"
    echo "0 passed, 1 failed"
    exit 1
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0 failed=0

# run NAME COMMAND...: shows what it says but for its count, which is added.
run() {
    name=$1
    shift
    { "$@"; echo $? > "$work/status"; } > "$work/out"
    count=$(tail -n 1 "$work/out" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
    if [ -z "$count" ]; then
        cat "$work/out"
        echo "not ok - $name ended without its count (status $(cat "$work/status"))"
        failed=$((failed + 1))
        return
    fi
    sed '$d' "$work/out"
    passed=$((passed + ${count% *})) failed=$((failed + ${count#* }))
}

# Two hand-ins that are alike, with names and lines that would be more than text if a page let them.
make_alike() {
    for student in "<script>document.title='owned'<" "<img src=x onerror=owned>"; do
        mkdir -p "$work/class/$student" || return 1
        { echo '/* </pre><script>document.title="owned"</script> */'; cat solutions/04-accept/hello_server.c; } \
            > "$work/class/$student/hello_server.c" || return 1
    done
    "$build/socklab" class 4 "$work/class" -o "$work/graded" --similarity > "$work/said" 2>&1 ||
        { cat "$work/said"; return 1; }
    cp "$work/graded/similarity.html" "$work/pages/hostile-similarity.html"
}

# Reports of a right and a wrong program as they come, one of hostile texts, a class, and hand-ins that are alike.
make_pages() {
    mkdir "$work/pages" || return 1
    "$build/tool/pages" class "$work/pages/class.html" &&
        "$build/tool/pages" report tests/data/pages/hostile.json "$work/pages/hostile.html" && make_alike || return 1
    for hand_in in solutions/04-accept tests/zoo/04-accept/one-client tests/zoo/04-accept/dies-on-emfile; do
        "$build/socklab" grade 4 "$hand_in" --format html --output "$work/pages/$(basename "$hand_in").html"
        [ $? -le 1 ] || return 1
    done
}

if make_pages; then
    run "the grader's pages" node tests/browser/pages.js ${1:+--pictures "$1"} "$work/pages"
else
    echo "not ok - the grader's pages could be made"
    failed=$((failed + 1))
fi
run "the book" node tests/browser/check.js ${1:+--pictures "$1"} "$site/html" "$site/student/html"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
