#!/bin/sh
# docs.sh [--update]: what the README, the man page and the handouts say is so.
#
# --update writes the report that README.md shows anew, and how many checks each lab has, instead of testing.
# The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C.UTF-8 NO_COLOR=1
socklab=${SOCKLAB_BUILD:-build}/socklab
example="grade 4 tests/zoo/04-accept/sends-nul --only greets"

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0 failed=0

# verdict TITLE FILE: passed when FILE, a list of complaints, is empty.
verdict() {
    if [ -s "$2" ]; then
        echo "not ok - $1"
        sed 's/^/#   /' "$2"
        failed=$((failed + 1))
    else
        echo "ok - $1"
        passed=$((passed + 1))
    fi
}

# The report as README.md shows it: times and the kernel's ports differ from run to run.
fresh_report() {
    # shellcheck disable=SC2086
    "$socklab" $example < /dev/null 2>&1 |
        sed -E 's/[0-9]+(\.[0-9]+)? (ms|s)\b/0.1 s/g; s/127\.0\.0\.1:[0-9]{5}/127.0.0.1:40000/; s/[[:space:]]+$//; s/^(.)/    \1/'
}

# Steps of two sides at the same moment stand in this order or that: they are compared without their numbers.
in_any_order() {
    sed -E 's/^( +)[0-9]+\. /\1/' "$1" | sort
}

# What socklab knows: "04-accept<TAB>One door, many conversations<TAB>19" for each lab.
known_labs() {
    "$socklab" checks --format json < /dev/null | awk -F '"' '
        function say() { if (lab != "") printf "%s\t%s\t%d\n", lab, title, checks }
        $2 == "lab" { say(); lab = $4; title = ""; checks = 0 }
        $2 == "title" && title == "" { title = $4 }
        $2 == "id" { checks++ }
        END { say() }'
}

if [ "${1:-}" = --update ]; then
    fresh_report > "$work/report"
    [ -s "$work/report" ] || { echo "docs.sh: no report from $socklab" >&2; exit 1; }
    awk -v report="$work/report" '
        /^<!-- report: ends/ { inside = 0; print "" }
        !inside
        /^<!-- report: begins/ { inside = 1; print ""; while ((getline line < report) > 0) print line }' README.md > "$work/README.md"
    cat "$work/README.md" > README.md
    known_labs | while IFS='	' read -r lab _ checks; do
        sed -i -E "/^\| \[(${lab%%-*}|$lab)\]\(/s/ [0-9]+ \|\$/ $checks |/" README.md handouts/index.md
    done
    exit 0
fi

# --- README.md ---------------------------------------------------------------------------------------

sed -n '1,/^## /p' README.md > "$work/top"
for command in './setup.sh && make demo' './setup.sh && make check'; do
    grep -qF "    $command" "$work/top" || echo "not at the top: $command"
done > "$work/said"
verdict "README.md begins with a newcomer's two commands" "$work/said"

fresh_report | sed '/^$/d' > "$work/fresh"
sed -n '/^<!-- report: begins/,/^<!-- report: ends/p' README.md | sed '/^<!--/d; /^$/d' > "$work/shown"
{
    [ -s "$work/shown" ] || echo "there is none"
    in_any_order "$work/shown" > "$work/shown.sorted"
    in_any_order "$work/fresh" | diff "$work/shown.sorted" -
} > "$work/said"
verdict "the report in README.md is what socklab prints (tests/docs.sh --update)" "$work/said"

for folder in solutions/*/; do
    lab=$(basename "$folder")
    grep -qF "| [$lab](handouts/$lab.md) |" README.md || echo "README.md's table lacks $lab"
    [ -f "handouts/$lab.md" ] || echo "no handouts/$lab.md"
    [ -f "labs/$lab/Makefile" ] || echo "no labs/$lab/Makefile"
done > "$work/said"
sed -n 's/^| \[\([0-9][^]]*\)\].*/\1/p' README.md | while read -r lab; do
    [ -d "solutions/$lab" ] || echo "README.md's table has $lab, which does not exist"
done >> "$work/said"
verdict "each lab has a row in README.md, a handout and a skeleton" "$work/said"

# A lab's row: name, title, calls, programs, number of checks.
known_labs > "$work/known"
for page in README.md handouts/index.md; do
    [ -s "$work/known" ] || echo "socklab knows no lab"
    while IFS='	' read -r lab title checks; do
        row=$(grep -E "^\| \[(${lab%%-*}|$lab)\]\(" "$page")
        case $row in "| ["*") | $title | "*" | $checks |") ;; *) echo "$page: the row of $lab is not about \"$title\" and $checks checks (tests/docs.sh --update)" ;; esac
        # Programs have no blanks in their names.
        # shellcheck disable=SC2013
        for program in $(sed -n 's/^PROGRAMS = //p' "labs/$lab/Makefile"); do
            case $row in *"\`$program\`"*) ;; *) echo "$page: the row of $lab lacks $program" ;; esac
        done
    done < "$work/known"
done > "$work/said"
verdict "the tables of labs have each lab's title, programs and number of checks" "$work/said"

for folder in grader/*/; do
    grep -q "^      $(basename "$folder")/ " README.md || echo "README.md's layout lacks $folder"
done > "$work/said"
verdict "the layout in README.md names each folder of the grader" "$work/said"

# A link to a file beside the page; # and http are other matters.
for page in README.md handouts/*.md grader/docs/*.md; do
    [ -f "$page" ] || continue
    grep -o '](\([^)]*\))' "$page" | sed 's/^](//; s/)$//; s/#.*//' | while read -r link; do
        case $link in '' | http:* | https:* | mailto:* | @ref*) continue ;; esac
        [ -e "$(dirname "$page")/$link" ] || echo "$page: $link is not there"
    done
done > "$work/said"
verdict "links between the pages lead somewhere" "$work/said"

# --- make help ---------------------------------------------------------------------------------------

make -s help > "$work/help"
for target in all check demo grade skeletons zoo bench asan tidy docs handouts check-browser install uninstall clean help; do
    grep -q "^  $target  *[a-z0-9]" "$work/help" || echo "no $target"
done > "$work/said"
verdict "make help lists the targets" "$work/said"

# --- the man page ------------------------------------------------------------------------------------

man=grader/docs/socklab.1
"$socklab" --help < /dev/null 2>&1 | grep -oE -- '--[a-z]+' | sort -u > "$work/options"
sed 's/\\-/-/g' "$man" > "$work/man"
{
    [ -s "$work/options" ] || echo "$socklab --help names no option"
    while read -r option; do
        grep -qw -- "$option" "$work/man" || echo "$man lacks $option"
    done < "$work/options"
    grep -oE -- '--[a-z]+' "$work/man" | sort -u | grep -vxFf "$work/options" | sed 's/$/: in the man page, not in --help/'
} > "$work/said"
verdict "the man page and --help have the same options" "$work/said"

# groff is no dependency; where it is, it has an opinion.
if command -v groff > /dev/null; then
    groff -man -Tutf8 -ww -z "$man" > "$work/said" 2>&1
    verdict "the man page is well formed" "$work/said"
fi

# --- handouts ----------------------------------------------------------------------------------------

grep -oE '[\\@]snippet(\{[^}]*\})? [^ ]+ [^ ]+' handouts/*.md 2>/dev/null | sed 's/:[^ ]*snippet[^ ]* / /' > "$work/snippets"
{
    [ -s "$work/snippets" ] || echo "no handout quotes a solution"
    while read -r page file mark; do
        [ "$(grep -cF "//! [$mark]" "solutions/$file" 2>/dev/null)" = 2 ] ||
            echo "$page: solutions/$file has no part marked [$mark]"
    done < "$work/snippets"
} > "$work/said"
verdict "each part of a solution that a handout quotes is there" "$work/said"

if command -v doxygen > /dev/null; then
    { cat Doxyfile; echo "OUTPUT_DIRECTORY = $work/site"; } > "$work/Doxyfile"
    mkdir "$work/site"
    doxygen "$work/Doxyfile" > "$work/doxygen" 2>&1 && : > "$work/doxygen"
    sed "s|$PWD/||" "$work/doxygen" > "$work/said"
    verdict "doxygen makes the site without a warning" "$work/said"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
