#!/bin/sh
# handouts.sh: the book is whole: checks and sections belong together, every call has its explanation, and the
# students' edition holds no line of a solution. What a browser makes of it is tests/browser's matter.
#
# The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C.UTF-8

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0 failed=0

# verdict TITLE FILE: passed when FILE, a list of complaints, is empty.
verdict() {
    if [ -s "$2" ]; then
        echo "not ok - $1"
        sed 's/^/#   /' "$2" | head -n 40
        failed=$((failed + 1))
    else
        echo "ok - $1"
        passed=$((passed + 1))
    fi
}

# --- both editions -----------------------------------------------------------------------------------

for edition in instructor student; do
    ./tools/book.sh $edition "$work/$edition" > "$work/said" 2>&1 && : > "$work/said"
    [ -s "$work/$edition/index.html" ] || echo "there is no index.html" >> "$work/said"
    verdict "the $edition edition is made without a warning" "$work/said"
done
book=$work/instructor student=$work/student
[ -s "$book/index.html" ] && [ -s "$student/index.html" ] || { echo "$passed passed, $failed failed"; exit 1; }

./tools/book.sh student "$work/again" > /dev/null 2>&1
diff -r "$student" "$work/again" > "$work/said" 2>&1
verdict "the same text makes the same book" "$work/said"
grep -rlF "$PWD" "$book" "$student" > "$work/said"
verdict "the book does not say where it was made" "$work/said"

# --- checks and sections -----------------------------------------------------------------------------

# "06-read-write<TAB>06-read-write#lab06-large" for each check: what a report would send a student to.
"${SOCKLAB_BUILD:-build}/socklab" checks --format json < /dev/null 2> "$work/errors" | awk -F '"' '
    $2 == "lab" { lab = $4 }
    $2 == "handout" { print lab "\t" $4 }' | sort -u > "$work/checks"

has_place() { # PAGE ANCHOR
    grep -qE "(id|name)=\"$2\"" "$1" 2>/dev/null
}

{
    [ -s "$work/checks" ] || { echo "socklab lists no check"; cat "$work/errors"; }
    while IFS='	' read -r lab handout; do
        anchor=${handout#*#}
        number=${lab%%-*}
        [ "${handout%#*}" = "$lab" ] || echo "$lab: a check points to $handout, another lab's chapter"
        has_place "$student/lab$number.html" "$anchor" || echo "$handout: no such place in the book"
    done < "$work/checks"
} > "$work/said"
verdict "every check's section is in the students' book" "$work/said"

# The sections below "The mistakes that others make" up to the next chapter-wide heading.
for page in handouts/[0-9][0-9]-*.md; do
    lab=$(basename "$page" .md)
    number=${lab%%-*}
    awk -v lab="$lab" -v number="$number" '
        /^## / { inside = $0 ~ "\\{#lab" number "-mistakes\\}" }
        inside && /^### / {
            anchor = $0
            if (!sub(/.*\{#/, "", anchor)) { print lab "\t(no anchor): " $0; next }
            sub(/\}.*/, "", anchor)
            print lab "\t" lab "#" anchor
        }' "$page"
done > "$work/sections"
cut -f 1 "$work/checks" | sort -u > "$work/labs"
{
    [ -s "$work/sections" ] || echo "no handout has a section about a mistake"
    while IFS='	' read -r lab handout; do
        # A chapter may be there before its lab's checks are.
        grep -qx "$lab" "$work/labs" || { echo "$lab" >> "$work/waiting"; continue; }
        grep -qF "	$handout" "$work/checks" && grep -qxF "$lab	$handout" "$work/checks" || echo "$handout is about no check"
    done < "$work/sections"
} > "$work/said"
verdict "every section about a mistake names a check" "$work/said"
[ ! -s "$work/waiting" ] || sort -u "$work/waiting" | sed 's/^/# no checks yet: /'

for page in handouts/[0-9][0-9]-*.md; do
    lab=$(basename "$page" .md)
    number=${lab%%-*}
    grep -qF "| [$number](@ref lab$number) |" handouts/index.md || echo "handouts/index.md's table lacks $lab"
    [ -d "solutions/$lab" ] || echo "$page has no solutions/$lab"
done > "$work/said"
verdict "the front page lists each chapter" "$work/said"

# --- calls and errors --------------------------------------------------------------------------------

awk -f tools/book-words.awk handouts/appendix-calls.md handouts/appendix-errors.md > "$work/words"
{
    [ -s "$work/words" ] || echo "no word leads anywhere"
    while read -r word place; do
        has_place "$student/${place%#*}" "${place#*#}" || echo "$word leads to $place, which is not there"
    done < "$work/words"
    cut -d ' ' -f 1 "$work/words" | sort | uniq -d | sed 's/$/ is explained twice/'
} > "$work/said"
verdict "calls, options and errors lead to places of the book" "$work/said"

# The calls that the course is about; what C's library has for text and memory is another course.
calls='socket|bind|listen|accept|accept4|connect|read|write|close|shutdown|send|recv|sendto|recvfrom|setsockopt|getsockopt|getsockname|getpeername|getaddrinfo|freeaddrinfo|gai_strerror|getnameinfo|inet_pton|inet_ntop|htons|htonl|ntohs|ntohl|poll|signal|sigaction|nanosleep'
for file in solutions/[0-9][0-9]-*/*.[ch]; do
    case $file in */test_*.c) continue ;; esac
    page=$book/$(basename "$file" | sed 's/_/__/g; s/\./_8/')_source.html
    [ -f "$page" ] || { echo "$file is not in the instructors' book"; continue; }
    # Code that is in no link, comment or string; a definition and a line of a header are not calls.
    sed -n 's/.*<div class="line">//p' "$page" | sed -E 's/<span class="(comment|stringliteral|charliteral|lineno|preprocessor)">[^<]*<\/span>//g; s/<a [^>]*>[^<]*<\/a>//g; s/<[^>]*>//g' |
        grep -oE "(^|[^A-Za-z0-9_])($calls)\(" | sed "s|^|$file calls and does not link: |"
    sed -n 's/.*<div class="line">//p' "$page" | grep -oE 'class="code" href="[^#"]' >> "$work/linked"
done > "$work/said"
[ -s "$work/linked" ] || echo "no solution links to the book" >> "$work/said"
verdict "every call in a solution leads to its explanation" "$work/said"

# -ENOENT is the grader talking to itself.
cat handouts/[0-9]*.md solutions/*/*.[ch] grader/labs/*.c | grep -oE '(^|[^-A-Za-z0-9_])E[A-Z0-9]{3,}\b' | grep -oE 'E[A-Z0-9]+$' | sort -u > "$work/seen"
# Names that the kernel knows, so that ESTAB or ERRORS is none.
{ echo '#include <errno.h>'; sed 's/.*/#ifdef &\n"& is met in a lab"\n#endif/' "$work/seen"; } | ${CC:-gcc} -E -P - 2>/dev/null | grep -o '^"E[A-Z0-9]*' | tr -d '"' > "$work/errors"
{
    [ -s "$work/errors" ] || echo "no error is met in any lab"
    # ENOSYS is the skeletons' "not yet written".
    grep -vx ENOSYS "$work/errors" | while read -r error; do
        grep -q "^$error errors.html#" "$work/words" || echo "$error is met in a lab, and handouts/appendix-errors.md has no section for it"
    done
} > "$work/said"
verdict "every error that the labs meet is in the appendix" "$work/said"

# --- the students' edition ---------------------------------------------------------------------------

# What a solution has and its skeleton has not, as words between which any white space may stand. Short lines ("}",
# "return -1;") are anybody's. A report, a man page or a handout may show a call as strace does: only lines of C count.
for file in solutions/[0-9][0-9]-*/*.[ch]; do
    sed -E 's/^[[:space:]]+//; s/[[:space:]]+$//' "$file" | grep -E '[;{]$' | awk 'length >= 18' | sort -u > "$work/lines"
    skeleton=labs/${file#solutions/}
    [ ! -f "$skeleton" ] || sed -E 's/^[[:space:]]+//; s/[[:space:]]+$//' "$skeleton" | sort -u | comm -23 "$work/lines" - > "$work/left"
    [ -f "$skeleton" ] || cp "$work/lines" "$work/left"
    # A test that is given is in the skeleton whole: nothing is left of it.
    sed "s|^|$file	|" "$work/left"
done > "$work/secrets"
# Pages as text: no tags, no entities, a space for any white space.
plain() {
    cat "$1"/*.html "$1"/*.js | sed -E 's/<[^>]*>//g; s/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#39;/'"'"'/g; s/&#160;/ /g; s/\\"/"/g; s/\\\\/\\/g; s/&amp;/\&/g; s/^[[:space:]]+//; s/[[:space:]]+$//' | tr -s ' '
}
plain "$student" > "$work/student.txt"
plain "$book" > "$work/book.txt"
cut -f 2- "$work/secrets" | tr -s ' ' | sort -u > "$work/patterns"
: > "$work/told"
while read -r line; do
    grep -qF -- "$line" "$work/student.txt" && echo "$line" >> "$work/told"
done < "$work/patterns"
{
    [ "$(wc -l < "$work/patterns")" -ge 100 ] || echo "only $(wc -l < "$work/patterns") lines of the solutions are looked for"
    cat "$work/told"
    find "$student" -name '*_source.html' -o -name 'instructors*'
    grep -l 'The solution, part by part' "$student"/*
} > "$work/said"
verdict "no line of a solution is in the students' edition" "$work/said"

# The same search finds them where they are: it can fail.
found=0 sought=0
while read -r line; do
    sought=$((sought + 1))
    grep -qF -- "$line" "$work/book.txt" && found=$((found + 1))
done < "$work/patterns"
[ "$found" -eq "$sought" ] || echo "$found of $sought lines are found in the instructors' edition" > "$work/told"
[ "$found" -ge $((sought * 9 / 10)) ] && : > "$work/said" || cp "$work/told" "$work/said"
verdict "the instructors' edition has them, found in the same way" "$work/said"

# --- nothing from elsewhere, nothing half set --------------------------------------------------------

for edition in "$book" "$student"; do
    grep -nE '(src|data|poster|srcset|action)="?(https?:)?//|<link[^>]*href="(https?:)?//|@import|url\((https?:)?//' "$edition"/*.html "$edition"/*.css "$edition"/*.svg 2>/dev/null |
        sed "s|$work/||" | cut -c 1-160
    grep -nE '[\\@](ref|snippet|msc|dot|if|endif)\b' "$edition"/*.html | sed "s|$work/||" | grep -v '_source.html' | grep -v 'instructors.html' | cut -c 1-160
    # Markdown that Doxygen did not take for such: inline code, bold.
    sed -E '/<div class="line">/d; s/<(code|pre)[^>]*>[^<]*<\/(code|pre)>//g; /<pre/,/<\/pre>/d' "$edition"/lab*.html "$edition"/[a-z]*s.html "$edition"/index.html | grep -nE '&lsquo;|&rsquo;`|`|\*\*' | cut -c 1-160
done > "$work/said"
verdict "the book loads nothing from elsewhere, and no command is left in its text" "$work/said"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
