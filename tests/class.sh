#!/bin/sh
# class.sh: `socklab class` from beginning to end on a small class: from Canvas's archive, from Moodle's and from folders; once more,
# interrupted, beside another run, with a grader that fails, and with wrong input.
# The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1
unset SOCKLAB_TEST_REFUSE
export LC_ALL=C.UTF-8 TZ=UTC
build=$PWD/${SOCKLAB_BUILD:-build}
socklab=$build/socklab
follow=$build/tool/follow

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0 failed=0

expect() { # TITLE CONDITION...
    title=$1
    shift
    if "$@"; then
        echo "ok - $title"
        passed=$((passed + 1))
    else
        echo "not ok - $title (status ${status:-none})"
        for stream in out err; do head -n 20 "$work/$stream" | sed "s/^/#   std$stream: /"; done
        failed=$((failed + 1))
    fi
}

# run ARGUMENT...: output in $work/out and $work/err, status in $status.
run() {
    "$socklab" class "$@" > "$work/out" 2> "$work/err" < /dev/null
    status=$?
}
prints() { grep -qF -- "$1" "$work/out"; }
tells() { grep -qF -- "$1" "$work/err"; }
silent() { [ ! -s "$work/err" ]; }
# refused STATUS WORD...: one line on stderr, nothing made.
refused() {
    wanted=$1
    shift
    for word in "$@"; do tells "$word" || return 1; done
    [ "$status" -eq "$wanted" ] && [ "$(wc -l < "$work/err")" -eq 1 ] && [ ! -e "$work/nothing" ]
}
# ask DIR QUERY: of the gradebook. table FILE QUERY: of a CSV file, as the table `t`.
ask() { sqlite3 "$work/$1/gradebook.db" "$2"; }
table() { sqlite3 :memory: -cmd ".import --csv $1 t" "$2"; }

solution=solutions/01-socket
wrong=tests/zoo/01-socket/no-newline
tests/lib/make_class.sh "$work/made" files:$solution late:$wrong again:$solution zip:$solution renamed:$solution \
    two:$solution broken:$solution pdf:none nothing:none || exit 1
cd "$work/made" || exit 1

# --- before anything is graded ---------------------------------------------------------------------------------

run 1 canvas.zip -o "$work/nothing" --roster roster.csv --dry-run
expect "--dry-run says for each student what would be done" eval '[ $status -eq 0 ] && silent &&
    [ "$(grep -c "would be graded" "$work/out")" = 6 ] && prints "s009 (Anna Berg 9): not to be graded (nothing)" && prints "5 of 9 would be graded"'
expect "... and makes nothing" [ ! -e "$work/nothing" ]

# --- from Canvas -----------------------------------------------------------------------------------------------

run 1 canvas.zip -o "$work/canvas" --roster roster.csv --canvas canvas.csv
expect "a class from Canvas's archive is graded" eval '[ $status -eq 0 ] && silent'
marks="SELECT group_concat(student || '=' || mark, ' ') FROM (SELECT * FROM t ORDER BY student)"
table "$work/canvas/grades.csv" "$marks" > "$work/marks"
mark_of_wrong=$(ask canvas "SELECT score FROM current_grade WHERE student = 's002'")
cp "$work/marks" "$work/out"
expect "everybody has the mark that is due; nobody a zero who handed something in" \
    [ "$(cat "$work/marks")" = "s001=100 s002=$mark_of_wrong s003=100 s004=100 s005=100 s006= s007= s008= s009=0" ]
expect "a wrong program has less than all points" [ "$mark_of_wrong" -gt 0 -a "$mark_of_wrong" -lt 100 ]
expect "the states are told" [ "$(table "$work/canvas/grades.csv" "SELECT group_concat(state) FROM t")" = \
    handed-in,handed-in,handed-in,handed-in,wrong-name,two-candidates,unreadable,other,nothing ]
expect "a cell cannot begin a formula" eval '! grep -qE "(^|,)\"?[=+@-][^0-9,]" "$work/canvas/grades.csv" && grep -q "SUM(A1" "$work/canvas/grades.csv"'
sed 's/,100\(,[0-9.]*\r\)$/,\1/; s/,0\(,[0-9.]*\r\)$/,\1/; s/,'"$mark_of_wrong"'\(,[0-9.]*\r\)$/,\1/' "$work/canvas/canvas.csv" |
    diff - canvas.csv | grep -v 'Points Possible' | grep '^[<>]' > "$work/out"
expect "Canvas's table: its column is filled in, and nothing else differs" \
    eval '[ ! -s "$work/out" ] && [ "$(table "$work/canvas/canvas.csv" "SELECT \"Lab (8001)\" FROM t WHERE ID = 1004")" = 100 ]'
expect "a cell stays empty whose mark is for a person" [ -z "$(table "$work/canvas/canvas.csv" 'SELECT "Lab (8001)" FROM t WHERE ID = 1006')" ]
find "$work/canvas/feedback" -type f | wc -l > "$work/out"
expect "each student has feedback as text and as HTML" [ "$(cat "$work/out")" -eq 18 ]
cp "$work/canvas/feedback/s002/report.txt" "$work/out"
expect "... which explains what failed, and how to see it again" eval 'prints FAIL && prints "socklab grade 1 labs/01-socket --only"'
cp "$work/canvas/feedback/s007/report.txt" "$work/out"
expect "... or why there is no grade" prints "work.zip"
expect "a name is text in every page" eval '! grep -rqF "<b>Bold" "$work/canvas" --include="*.html" && grep -rqF "&lt;b&gt;Bold" "$work/canvas/index.html"'
sed -n '/>To look at</,/>Everybody</p' "$work/canvas/index.html" > "$work/out"
expect "the page says who wants looking at, and why" eval 'prints "several files could be meant" && prints "work.zip is broken" && prints "was taken for it"'
expect "JSON: nine students" [ "$(sqlite3 :memory: "SELECT json_array_length(readfile('$work/canvas/grades.json'), '$.students')")" = 9 ]
expect "nothing is left under way" eval '[ ! -e "$work/canvas/.work" ] && [ ! -e "$work/canvas/gradebook.db-wal" ]'

# --- once more -------------------------------------------------------------------------------------------------

ask canvas "SELECT count(*) FROM grading" > "$work/before"
(cd "$work/canvas" && find feedback grades.csv grades.json canvas.csv -type f -exec cksum {} + | sort) > "$work/sums"
run 1 canvas.zip -o "$work/canvas" --roster roster.csv --canvas canvas.csv
(cd "$work/canvas" && find feedback grades.csv grades.json canvas.csv -type f -exec cksum {} + | sort) | diff "$work/sums" - >> "$work/err"
expect "what is unchanged is not graded again, and comes out the same" \
    eval '[ $status -eq 0 ] && silent && [ "$(ask canvas "SELECT count(*) FROM grading")" = "$(cat "$work/before")" ]'
run 1 canvas.zip -o "$work/canvas" --roster roster.csv --again --dry-run
expect "--again would grade all of them" prints "5 of 9 would be graded"
run 2 canvas.zip -o "$work/canvas"
expect "another lab wants another folder" eval '[ $status -eq 2 ] && tells "01-socket"'

# --- from Moodle, interrupted, beside another ------------------------------------------------------------------

total=$(TMPDIR=$work "$follow" -d 0 -l 60 -o "$work/count" "$socklab" class 1 moodle.zip -o "$work/moodle" --roster roster.csv --dry-run \
    > /dev/null 2>&1; sed -n 's/^moments \([0-9]*\) .*/\1/p' "$work/count")
# The command's own calls: all that a dry run makes, and some of those that follow.
TMPDIR=$work "$follow" -d 3 -c 0 -l 60 -k $((total + 300)) -s 2 -o "$work/count" "$socklab" class 1 moodle.zip -o "$work/moodle" \
    --roster roster.csv --moodle moodle.csv > "$work/out" 2> "$work/err" < /dev/null
status=$(cat "$work/count")
expect "Ctrl-C: it ends by the signal, leaves nothing running, and says how to go on" \
    eval 'echo "$status" | grep -q "sent 1 .* status signal 2 left 0" && tells "To go on:"'
command=$(tail -n 1 "$work/err")
flock -n "$work/moodle" "$socklab" class 1 moodle.zip -o "$work/moodle" > "$work/out" 2> "$work/err" < /dev/null
status=$?
expect "a folder that another run holds is left to it: status 3, and why" eval '[ $status -eq 3 ] && tells "another run"'
ask moodle "SELECT count(*) FROM grading" > "$work/before"
eval "$command" > "$work/out" 2> "$work/err" < /dev/null
status=$?
expect "the command that it printed goes on" eval '[ $status -eq 0 ] && silent && prints "goes on"'
expect "... and each hand-in was graded once" [ "$(ask moodle "SELECT count(*), count(DISTINCT submission) FROM grading")" = "5|5" ]
table "$work/moodle/grades.csv" "$marks" > "$work/out"
expect "the marks from Moodle's archive are those from Canvas's" cmp -s "$work/out" "$work/marks"
expect "Moodle's table is filled in" [ "$(table "$work/moodle/moodle.csv" 'SELECT Grade FROM t WHERE Identifier = '"'Participant 1005'")" = 100 ]

# On a terminal it says how far it is, on one line that goes in the end.
mkdir -p "$work/one/sam" && echo 'int main(void) { return nothing; }' > "$work/one/sam/sockinfo.c"
if command -v script > /dev/null; then
    script -qec "'$socklab' class 1 '$work/one' -o '$work/terminal'" /dev/null > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    expect "a terminal sees how far it is" eval '[ $status -eq 0 ] && prints "0 of 1 graded" && prints "1 of 1 graded, "'
else
    echo "ok - a terminal sees how far it is # skip no script(1) here"
fi

# --- a grader that fails ---------------------------------------------------------------------------------------

# Half an installation: each grading fails for want of a reference program.
mkdir -p "$work/half/kit"
cp "$socklab" "$work/half" && cp "$build/kit/leak_hook.c" "$work/half/kit"
"$work/half/socklab" class 1 canvas.zip -o "$work/canvas" --roster roster.csv --again > "$work/out" 2> "$work/err" < /dev/null
status=$?
table "$work/canvas/grades.csv" "$marks" > "$work/err"
expect "the grader's own trouble: status 3, and no mark is lost" eval '[ $status -eq 3 ] && prints "reference" && cmp -s "$work/err" "$work/marks"'
"$work/half/socklab" class 1 folders -o "$work/troubled" --roster roster.csv > "$work/out" 2> "$work/err" < /dev/null
status=$?
expect "without an earlier grade there is no mark, and no zero" \
    eval '[ $status -eq 3 ] && [ -z "$(table "$work/troubled/grades.csv" "SELECT mark FROM t WHERE student = '"'s001'"'")" ]'
run 1 folders -o "$work/troubled" --roster roster.csv
table "$work/troubled/grades.csv" "$marks" > "$work/err"
expect "the next run grades what could not be graded: folders get the same marks" eval '[ $status -eq 0 ] && cmp -s "$work/err" "$work/marks"'
SOCKLAB_TEST_REFUSE=userns run 1 folders -o "$work/nothing" --sandbox require
expect "a sandbox that is required and not there: status 3, at once" refused 3 sandbox

# --- wrong input -----------------------------------------------------------------------------------------------

run 1 nowhere.zip -o "$work/nothing"
expect "hand-ins that are not there" refused 2 nowhere.zip
run 1 roster.csv -o "$work/nothing"
expect "hand-ins that are none" refused 2 roster.csv
run 1 canvas.zip
expect "no folder to write to" refused 2 "-o DIR"
run 1 -o "$work/nothing"
expect "no hand-ins" refused 2 "hand-ins"
run 1 canvas.zip -o "$work/nothing" --wrong
expect "an unknown option" refused 2 --wrong
run 1 canvas.zip -o "$work/nothing" -j 0
expect "no worker at all" refused 2 "--jobs"
printf 'labs:\n  01-socket:\n    due: someday\n' > course.yaml
run 1 canvas.zip -o "$work/nothing" --course course.yaml
expect "a mistake in the course's file: file, line and column" refused 2 course.yaml:3:10
printf 'who,what\n1,2\n' > wrong.csv
run 1 canvas.zip -o "$work/nothing" --roster wrong.csv
expect "a roster without a column that tells who" refused 2 wrong.csv
run 1 canvas.zip -o "$work/nothing" --canvas wrong.csv
expect "a table that is not Canvas's" refused 2 wrong.csv
: > "$work/file"
run 1 canvas.zip -o "$work/file/below"
expect "a folder that cannot be made" eval '[ $status -eq 2 ] && tells "$work/file/below"'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
