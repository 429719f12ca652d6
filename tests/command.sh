#!/bin/sh
# command.sh: socklab as a user meets it: words, options, statuses, reports, strange hand-ins, bounded memory.
#
# Hand-ins are tests/data/command and what is made here of solutions/04-accept. The last line is `N passed, N failed`.
# Conditions are expanded where they are judged.
# shellcheck disable=SC2016
set -u

cd "$(dirname "$0")/.." || exit 1
unset NO_COLOR SOCKLAB_TEST_REFUSE
export LC_ALL=C.UTF-8
root=$PWD
. ./tests/lib/everybody.sh
build=$root/${SOCKLAB_BUILD:-build}
socklab=$build/socklab
report=$build/tool/report
follow=$build/tool/follow
solution=$root/solutions/04-accept
data=$root/tests/data/command

work=$(mktemp -d) || exit 1
chmod 755 "$work" # another user's grader reads hand-ins in it
trap 'chmod -R u+rwX "$work" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0 failed=0

# run ARG...: the command; $work/out, $work/err, $status.
run() {
    "$socklab" "$@" > "$work/out" 2> "$work/err" < /dev/null
    status=$?
}

expect() { # TITLE CONDITION...
    title=$1
    shift
    if "$@"; then
        echo "ok - $title"
        passed=$((passed + 1))
    else
        echo "not ok - $title (status $status): $*"
        head -n 12 "$work/out" | cut -c 1-200 | sed 's/^/#   /'
        head -n 5 "$work/err" | cut -c 1-200 | sed 's/^/#   stderr: /'
        failed=$((failed + 1))
    fi
}
skip() { echo "ok - $1 # skip $2"; }

# Conditions. ended N: that status. The wrong ways to ask (2) and the grader's own trouble (3) say so on stderr in
# one line that names the command, and print nothing on stdout.
ended() { [ "$status" -eq "$1" ]; }
prints() { grep -qF -- "$1" "$work/out"; }
says() { grep -qF -- "$1" "$work/err"; }
refused() { # STATUS WORD...: every word is in the line
    ended "$1" && [ ! -s "$work/out" ] && [ "$(wc -l < "$work/err")" -eq 1 ] && grep -q '^socklab: ' "$work/err" || return 1
    shift
    for word in "$@"; do says "$word" || return 1; done
}
tells() { tr -s " \n" " " < "$work/out" | grep -qF -- "$1"; } # wherever a line is broken
silent() { [ ! -s "$work/err" ]; }
no_escapes() { ! grep -q "$(printf '\033')" "$work/out" "$work/err"; }

# --- words ---------------------------------------------------------------------------------------------

run --help
expect "--help ends with 0" ended 0
expect "--help shows the usage on stdout" prints "usage: socklab grade LAB [DIR]"
expect "--help says nothing on stderr" silent
run grade --help
expect "grade --help is the same" prints "usage: socklab grade LAB [DIR]"
run --version
expect "--version" eval 'ended 0 && grep -qx "socklab [0-9][0-9.]*" "$work/out"'
run
expect "no arguments: the usage on stderr, status 2" eval 'ended 2 && says "usage: socklab grade" && [ ! -s "$work/out" ]'
run polish
expect "an unknown command is named" refused 2 "'polish'"
run grade
expect "grade without a lab" refused 2 "which lab"
run grade 99
expect "an unknown lab: the known ones are named" refused 2 '"99"' 04-accept
run grade "$(printf '4\033[2J')"
expect "a lab's name that would steer the terminal does not" eval 'refused 2 && no_escapes'
run checks 99
expect "checks of an unknown lab" refused 2 '"99"' 04-accept
run checks 4 5
expect "checks of two labs" refused 2 "'5'"
run checks --format xml
expect "checks in an unknown format" refused 2 json
run grade 4 "$solution" more
expect "two folders" refused 2 "'more'"

for name in 4 04 04-accept; do
    run checks "$name"
    expect "checks $name" eval 'ended 0 && prints "greets" && prints "04-accept  "'
done
run checks
expect "checks lists every lab" prints "04-accept  "
run checks 4 --format json
expect "checks --format json names the same" eval 'ended 0 && "$build/tool/verdicts" --ids "$work/out" | grep -qx greets'

# --- all labs --------------------------------------------------------------------------------------------

mkdir "$work/course"
ln -s "$solution" "$work/course/04-accept"
labs=$("$socklab" checks < /dev/null | grep -c '^[0-9]')
run grade all "$work/course" --jobs 2
expect "grade all: labs that are not there have no points" ended 1
expect "... each lab has a row, the last one is the sum" eval \
    'tail -n "$((labs + 1))" "$work/out" | head -n "$labs" | grep -c "^[0-9][0-9]-.*[0-9]/100" | grep -qx "$labs" &&
     tail -n 1 "$work/out" | grep -q "^all  *100/${labs}00  1 of $labs labs"'
expect "... what is there is reported, what is not is named" eval \
    'prints "04-accept: " && prints "there is no folder of this name" && ! prints "01-socket: "'
run grade all "$work/course" --jobs 2 --format json --output "$work/all.json"
expect "grade all as JSON: an object for each lab, in a file" eval \
    'ended 1 && [ ! -s "$work/out" ] && [ "$(grep -c "^    \"lab\": " "$work/all.json")" = "$labs" ]'
mkdir "$work/course/01-socket"
echo 'int main(void) {' > "$work/course/01-socket/sockinfo.c"
run grade all "$work/course" --jobs 2
expect "grade all: what does not build is to be looked at first" eval 'ended 1 && grep -q "^01-socket  *0/100  builds: " "$work/out"'
run grade all "$work/nowhere"
expect "grade all without a lab's folder" refused 2 "$work/nowhere"
run grade all "$work/course" --only builds
expect "grade all with --only" refused 2 "--only wants one lab"
run grade all "$work/course" --format html
expect "grade all in a format for one" refused 2 "--format text"

# --- options ---------------------------------------------------------------------------------------------

run grade 4 "$work/nowhere"
expect "a folder that is not there" refused 2 "$work/nowhere"
run grade 4 "$solution/hello_server.c"
expect "a file in place of a folder" refused 2 "hello_server.c"
run grade 4 ""
expect "a folder without a name" ended 2
run grade 4 "$solution" --only greats
expect "an unknown check: the nearest is named" refused 2 '"greats"' "nearest: greets"
run grade 4 "$solution" --only greets,greats
expect "an unknown check behind a known one" refused 2 '"greats"'
run grade 4 "$solution" --only ,
expect "--only without an id" refused 2 --only
for option in --seed=x --seed=-1 --seed= --seed=1e3 --seed=99999999999999999999 --format=xml --format= --sandbox=maybe \
    --jobs=0 --jobs=-1 --jobs=many --seconds=0 --seconds=x --runs=0 --runs=x; do
    run grade 4 "$solution" "$option"
    expect "$option is refused, and says what it wants" refused 2 "${option%%=*} wants"
done
run grade 4 "$solution" --only usage --seed 7 --runs 2 --format json
expect "two runs are one report, of the first that is worst, and say how many had full marks" \
    prints "worst of 2 runs, with the seeds from 7 to 8. 2 of them"
run grade 4 "$solution" --frobnicate
expect "an unknown option is named" refused 2 "'--frobnicate'"
run grade 4 "$solution" --output
expect "an option without its value" refused 2 "'--output'"
run grade 4 "$solution" --compiler "$work/cc"
expect "a compiler that is not here is the grader's trouble" refused 3 "$work/cc"

# --- statuses --------------------------------------------------------------------------------------------

run grade 4 "$solution"
expect "the solution: full marks, status 0" ended 0
run grade 4 "$data/wrong" --only greets
expect "a failed check: status 1" eval 'ended 1 && prints "Hello Earth"'
expect "nothing on stderr, which is no terminal" silent
expect "nothing but text, stdout being no terminal" no_escapes
run grade 4 "$solution" --only greets,usage
expect "two ids: both, and no other" eval 'ended 0 && prints "greets " && prints "usage " && ! prints "queued "'
run grade 4 "$solution" --only usage,greets,usage
expect "an id twice is graded once" [ "$(grep -c '  usage  ' "$work/out")" -eq 1 ]
run grade 4 "$data/broken" --only greets
expect "--only with a failing build: the build's failure is shown" eval 'ended 1 && prints "hello_server.c, line 14" && prints builds'
expect "... and the check is not run, which is no failure of its own" grep -q '^  skip  greets' "$work/out"

# --- where the report goes -------------------------------------------------------------------------------

run grade 4 "$solution" --only greets --output "$work/report"
expect "--output: the report is in the file, stdout empty" eval 'ended 0 && grep -q greets "$work/report" && [ ! -s "$work/out" ]'
: > "$work/long"
i=0
while [ $i -lt 2000 ]; do echo "something longer than a report" >> "$work/long"; i=$((i + 1)); done
run grade 4 "$solution" --only greets --output "$work/long"
expect "--output over a longer file leaves nothing of it" eval 'ended 0 && ! grep -q "something longer" "$work/long"'
echo keep > "$work/kept"
for wrong in "grade 4 $work/nowhere" "grade 4 $solution --only greats" "grade 4 $solution --compiler $work/cc"; do
    # shellcheck disable=SC2086
    run $wrong --output "$work/kept"
    expect "a grading that fails keeps the file of --output: ${wrong##* }" [ "$(cat "$work/kept")" = keep ]
    # shellcheck disable=SC2086
    run $wrong --output "$work/fresh"
    expect "... and leaves no empty one" [ ! -e "$work/fresh" ]
done
run grade 4 "$data/prints" --output "$work/nowhere/report"
expect "--output that cannot be written: the file is named" refused 3 "$work/nowhere/report"
"$follow" -o "$work/count" "$socklab" grade 4 "$solution" --output "$work/nowhere/report" > "$work/out" 2> "$work/err" < /dev/null
expect "... before any work: not one process is started" grep -q ' processes 1 ' "$work/count"
run grade 4 "$solution" --only greets --output "$work"
expect "--output that is a folder" refused 3 "$work"
run grade 4 "$solution" --only greets --output /dev/full
expect "a full disk: status 3" refused 3 /dev/full "No space left"
"$socklab" grade 4 "$solution" --only greets > /dev/full 2> "$work/err" < /dev/null
status=$?
: > "$work/out"
expect "a full disk behind stdout" refused 3 "standard output"
for word in --help --version checks; do
    "$socklab" "$word" > /dev/full 2> "$work/err" < /dev/null
    status=$?
    expect "a full disk behind $word" refused 3 "standard output"
done
"$socklab" grade 4 "$solution" --only greets 2> "$work/err" < /dev/null >&-
status=$?
expect "stdout closed: status 3, and why" refused 3 "standard output"
"$socklab" grade 4 "$data/wrong" --only greets > "$work/out" < /dev/null 2>&-
status=$?
: > "$work/err"
expect "stderr closed: the report is as always" eval 'ended 1 && prints "Hello Earth"'
"$socklab" grade 4 "$solution" --only greets --output "$work/report" <&- >&- 2>&-
status=$?
expect "all three closed and --output: the report is in the file" eval 'ended 0 && grep -q greets "$work/report"'

# --- formats -----------------------------------------------------------------------------------------------

for hand_in in "$solution" "$data/wrong" "$data/broken" "$work/nothing"; do
    mkdir -p "$work/nothing"
    name=$(basename "$hand_in")
    run grade 4 "$hand_in" --format json --seed 5
    cp "$work/out" "$work/json"
    expect "JSON of $name has every field that is promised" "$report" promised "$work/json"
    expect "... and the seed" [ "$("$report" field seed "$work/json")" = 5 ]
    run grade 4 "$hand_in" --format junit
    expect "JUnit of $name is well-formed" "$report" xml "$work/out"
    run grade 4 "$hand_in" --format html
    expect "HTML of $name is a whole page" eval 'head -n 1 "$work/out" | grep -qx "<!doctype html>" && tail -n 1 "$work/out" | grep -qx "</html>"'
    expect "... without a script" eval '! grep -qi "<script" "$work/out"'
done

run grade 4 "$data/wrong" --format json --jobs 1
"$report" timeless "$work/out" > "$work/first"
run grade 4 "$data/wrong" --format json --jobs 2
"$report" timeless "$work/out" > "$work/second"
diff "$work/first" "$work/second" > "$work/out"
expect "the same seed gives the same JSON, but for times, the kernel's ports and steps" cmp -s "$work/first" "$work/second"
for n in first second; do
    run grade 4 "$data/wrong" --only greets --format json
    # Up to the wrong line, that is: whether the end of file behind it has come as well is up to the kernel.
    "$report" check greets steps "$work/out" | sed 's/from 127.0.0.1:[0-9]*/from PORT/; /Earth/q' > "$work/$n"
done
expect "... and the same steps up to the failure" cmp -s "$work/first" "$work/second"

# On a terminal there is colour and progress; NO_COLOR takes the colour.
if command -v script > /dev/null; then
    script -qec "'$socklab' grade 4 '$data/wrong' --only greets" /dev/null > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    expect "a terminal gets colour" eval 'ended 1 && grep -q "$(printf "\033")\[[0-9;]*m" "$work/out"'
    NO_COLOR=1 script -qec "'$socklab' grade 4 '$data/wrong' --only greets" /dev/null > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    expect "NO_COLOR: none" eval 'ended 1 && ! grep -q "$(printf "\033")\[[0-9;]*m" "$work/out"'
    script -qec "'$socklab' grade 4 '$data/wrong' --only greets --format json" /dev/null > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    expect "JSON has neither, on a terminal too" eval 'ended 1 && no_escapes'
else
    skip "colour on a terminal" "no script(1) here"
fi

# --- the command that shows it again -------------------------------------------------------------------------

folder="$work/it's one of  \$HOME"
mkdir "$folder" && cp "$data"/wrong/* "$folder"
run grade 4 "$folder" --only greets --format json --seed 9 --sandbox off
cp "$work/out" "$work/json"
replay=$("$report" check greets replay "$work/json")
# shellcheck disable=SC2317
socklab() { "$socklab" "$@"; }
eval "$replay" --format json > "$work/out" 2> "$work/err" < /dev/null
status=$?
for field in status verdict message expected actual replay; do
    "$report" check greets $field "$work/json" > "$work/first"
    "$report" check greets $field "$work/out" > "$work/second" 2>> "$work/err"
    expect "the replay command shows the same failure again: $field" cmp -s "$work/first" "$work/second"
done
expect "... under the same seed" [ "$("$report" field seed "$work/out" 2>&1)" = 9 ]

# --- strange hand-ins ------------------------------------------------------------------------------------------

# hand_in NAME: an empty folder $sub. graded TITLE WORD...: `builds` fails, status 1, and every word is in its message.
hand_in() {
    sub=$work/hand-in/$1
    mkdir -p "$sub"
}
graded() {
    title=$1
    shift
    run grade 4 "$sub" --format json
    cp "$work/out" "$work/json"
    { "$report" check builds message "$work/json"; "$report" check builds output "$work/json"; "$report" field notes "$work/json"; } \
        > "$work/words" 2>> "$work/err"
    [ "$("$report" check builds status "$work/json" 2>&1)" = fail ] || echo "builds does not fail" >> "$work/err"
    for word in "$@"; do grep -qiF -- "$word" "$work/words" || echo "the message lacks: $word" >> "$work/err"; done
    cp "$work/words" "$work/out"
    expect "$title" eval 'ended 1 && silent'
}
# taken TITLE [WORD...]: full marks for greets; every word is in the notes.
taken() {
    title=$1
    shift
    run grade 4 "$sub" --only builds,greets --format json
    cp "$work/out" "$work/json"
    "$report" field notes "$work/json" > "$work/words" 2>> "$work/err"
    for word in "$@"; do grep -qiF -- "$word" "$work/words" || echo "the notes lack: $word" >> "$work/err"; done
    expect "$title" eval 'ended 0 && silent'
}

hand_in empty-folder
graded "an empty folder: the file is named" hello_server.c
hand_in empty-file
: > "$sub/hello_server.c"
graded "an empty file" hello_server.c empty
hand_in directory
mkdir "$sub/hello_server.c"
graded "a directory of that name" hello_server.c folder
hand_in link
ln -s "$solution/hello_server.c" "$sub/hello_server.c"
graded "a symbolic link" hello_server.c link
hand_in fifo
mkfifo "$sub/hello_server.c"
graded "a FIFO, on which nobody waits" hello_server.c
hand_in big
awk 'BEGIN { for (i = 0; i < 32768; i++) print "/* a line of sixty-four bytes, newline included, of no other use */" }' > "$sub/hello_server.c"
graded "a file of 2 MiB" hello_server.c
hand_in python
printf 'import socket\n\ndef main():\n    s = socket.socket()\n    s.bind(("", 4000))\n\nif __name__ == "__main__":\n    main()\n' > "$sub/hello_server.c"
graded "a Python program under the C name" Python
hand_in wrong-name
cp "$solution/hello_server.c" "$sub/hello-server.c"
graded "a wrong name: what was found is named" hello_server.c hello-server.c
hand_in binary
cp "$build/reference/04-accept/hello_server" "$sub/hello_server.c"
graded "a program in place of its source" hello_server.c
hand_in crlf
sed 's/$/\r/' "$solution/hello_server.c" > "$sub/hello_server.c"
taken "CRLF line ends are no mistake"
hand_in bom
{ printf '\357\273\277'; cat "$solution/hello_server.c"; } > "$sub/hello_server.c"
taken "a byte order mark is no mistake"
hand_in crowd
cp "$solution/hello_server.c" "$sub"
printf 'all:\n\ttouch %s/made\n' "$work" > "$sub/Makefile"
taken "a Makefile beside it"
expect "... is not run" [ ! -e "$work/made" ]

# Whom may the kernel keep from a file? Not root: then nobody grades.
hand_in unreadable
cp "$solution/hello_server.c" "$sub" && chmod 000 "$sub/hello_server.c"
as_user= theirs=$socklab their_solution=$solution
if [ "$(id -u)" -eq 0 ]; then
    everybodys "$build" "$work/everybody"
    as_user=$as_nobody theirs=$work/everybody/build/socklab their_solution=$work/everybody/solutions/04-accept
    command -v setpriv > /dev/null && $as_user "$theirs" --version > /dev/null 2>&1 || as_user=none
fi
if [ "$as_user" = none ]; then
    skip "an unreadable file" "root here, and no other user can run $theirs"
else
    $as_user "$theirs" grade 4 "$sub" > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    expect "an unreadable file" eval 'ended 1 && silent && prints "hello_server.c" && prints "FAIL  builds"'
    mkdir "$work/closed" && chmod 000 "$work/closed"
    $as_user "$theirs" grade 4 "$work/closed" > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    expect "an unreadable folder is nobody's zero" refused 3 "$work/closed"
    $as_user "$theirs" grade 4 "$their_solution" --only greets > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    expect "an ordinary user grades" ended 0
fi

# --- compilers that do not come to an end -----------------------------------------------------------------------

hand_in dev-zero
{ echo '#include "/dev/zero"'; cat "$solution/hello_server.c"; } > "$sub/hello_server.c"
graded "a source that includes /dev/zero"
hand_in itself
{ cat "$solution/hello_server.c"; echo '#include "hello_server.c"'; } > "$sub/hello_server.c"
graded "a source that includes itself" hello_server.c
hand_in huge-array
{ cat "$solution/hello_server.c"; echo 'char huge[1UL << 46] = {1};'; } > "$sub/hello_server.c"
graded "an array larger than the disk"
hand_in huge-bss
{ cat "$solution/hello_server.c"; echo 'char huge[1UL << 46];'; } > "$sub/hello_server.c"
run grade 4 "$sub" --only greets
expect "an array larger than memory: the program's failure, not the grader's" eval 'ended 1 && tells "cannot be loaded"'
hand_in thousands
{ cat "$solution/hello_server.c"; awk 'BEGIN { print "void f(void) {"; for (i = 0; i < 5000; i++) print "{int unused" i ";}"; print "}" }'; } > "$sub/hello_server.c"
run grade 4 "$sub" --only builds,warnings,greets
expect "thousands of warnings are no failed build" eval 'ended 1 && grep -q "^  pass  builds" "$work/out" && grep -q "^  pass  greets" "$work/out"'
expect "... and it is said that they were cut" tells "are cut here"

# --- surroundings ------------------------------------------------------------------------------------------------

SOCKLAB_TEST_REFUSE=userns run grade 4 "$solution" --only greets
expect "no user namespaces: auto goes on and says what is missing" eval 'ended 0 && prints "sandbox partial" && prints "user namespace"'
SOCKLAB_TEST_REFUSE=userns run grade 4 "$solution" --only greets --format json
expect "... in JSON too" eval '[ "$("$report" field sandbox "$work/out")" = partial ] && "$report" field missing "$work/out" | grep -q "user namespace"'
SOCKLAB_TEST_REFUSE=userns run grade 4 "$solution" --only greets --sandbox require
expect "... require does not" refused 3 "user namespace"
run grade 4 "$solution" --only greets --sandbox off
expect "--sandbox off grades, and warns" eval 'ended 0 && prints "sandbox off"'

mkdir "$work/unwritable" && chmod 555 "$work/unwritable"
if [ "$as_user" != none ]; then
    TMPDIR=$work/unwritable $as_user "$theirs" grade 4 "$their_solution" --only greets > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    if "$socklab" grade 4 "$solution" --only greets --sandbox require > /dev/null 2>&1; then
        expect "an unwritable TMPDIR is not needed in a full sandbox" ended 0
    fi
    TMPDIR=$work/unwritable $as_user "$theirs" grade 4 "$their_solution" --only greets --sandbox off > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    expect "an unwritable TMPDIR without one: why" refused 3 "Permission denied"
fi
TMPDIR=$work/nowhere run grade 4 "$solution" --only greets --sandbox off
expect "a TMPDIR that is not there: /tmp does" ended 0

# Half an installation: the command and the kit, but no reference programs.
mkdir -p "$work/half/kit"
cp "$socklab" "$work/half" && cp "$build/kit/leak_hook.o" "$work/half/kit"
"$work/half/socklab" grade 4 "$solution" > "$work/out" 2> "$work/err" < /dev/null
status=$?
expect "a file of the grader's that is missing is its trouble, and no wrong usage" refused 3 /half/reference/

# --- what is said of a check that is passed -------------------------------------------------------------------------

handler=tests/zoo/08-signals/exits-in-handler
run grade 8 "$handler" --only term,int
expect "a handler that calls exit: said, with its line, and no points are lost" \
    eval 'ended 0 && tells "The handler of SIGTERM calls exit." && prints "| exit(0);" && prints "8/8" && ! prints FAIL'
expect "... only where it was seen, and without advice for a failure" \
    eval '[ "$(grep -c "to know" "$work/out")" -eq 1 ] && ! prints "hint"'
run grade 8 "$handler" --only term --format json
expect "... in JSON" eval 'ended 0 && prints "The handler of SIGTERM calls exit." && prints "\"status\": \"pass\""'
run grade 8 "$handler" --only term --format junit
expect "... in JUnit" eval 'ended 0 && prints "<system-out>The handler of SIGTERM calls exit."'
run grade 8 "$handler" --only term --format html
expect "... on the page" eval 'ended 0 && prints "The handler of SIGTERM calls exit."'
hand_in handler-prints
sed '/write_all(1, line, at);/s/.*/    fwrite(line, 1, at, stdout), fflush(stdout);/' tests/right/08-signals/signal-shutdown/signal_server.c > "$sub/signal_server.c"
run grade 8 "$sub" --only usr1
expect "a handler that uses stdio: the function is named" eval 'ended 0 && tells "The handler of SIGUSR1 calls fflush."'
run grade 8 tests/right/08-signals/signal-shutdown --only term,usr1
expect "a handler that calls write: nothing to say" eval 'ended 0 && ! prints "to know"'

# --- bounded memory ----------------------------------------------------------------------------------------------


# bounded TITLE HAND-IN...: grades it; no process of the grader's may have needed more.
bounded() {
    title=$1
    shift
    "$follow" -o "$work/count" "$socklab" grade 4 "$@" > "$work/out" 2> "$work/err" < /dev/null
    peak=$(sed -n 's/.* peak \([0-9]*\) .*/\1/p' "$work/count")
    status=$(sed -n 's/.* exit \([0-9]*\) .*/\1/p' "$work/count")
    expect "$title: less than 64 MiB (${peak:-?} KiB)" eval '[ "${peak:-0}" -gt 0 ] && [ "$peak" -lt 65536 ] && ended 1'
}
if grep -qaF __asan_init "$socklab"; then
    skip "bounded memory" "this socklab is built with AddressSanitizer, which needs more"
else
    bounded "a program that prints without end" "$data/prints" --only greets --seconds 3
    expect "... and the report says that output was cut" tells "is cut here"
    bounded "a program that sends a GiB" "$data/pours" --only greets
    hand_in flood
    { cat "$solution/hello_server.c"
      echo '#define B0 {int unused;}'
      for i in 1 2 3 4 5; do p=B$((i - 1)); echo "#define B$i $p $p $p $p $p $p $p $p $p $p"; done
      echo 'void flood(void) { B5 }'; } > "$sub/hello_server.c"
    bounded "a compiler that prints 100 MB" "$sub" --only greets
    expect "... and the report says that its messages were cut" tells "are cut here"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
