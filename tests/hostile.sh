#!/bin/sh
# hostile.sh [-j N] [NAME...]: grades submissions that attack the grader, and looks at what became of it.
#
# tests/hostile/NAME/ is one of them, a few attacks of a kind. Its header stands in any of its files, one item a line,
# whatever a comment looks like there:
#
#   /* hostile: CLASS LAB -- what it tries
#    * only: greets,memory            the checks to be made (all)
#    * options: --jobs 1              more for the command line
#    * holds: score: as honest        full marks: the attack is added to the solution and must change nothing
#    * holds: score: 10               exactly so much
#    * holds: at most 10 points
#    * holds: fails: ID ID ...        these checks fail and no others; `nothing` is none
#    * holds: message: TEXT           a check that did not pass says so
#    * holds: report has: TEXT        in the JSON report; \ooo and \n stand for bytes
#    * holds: report has no: TEXT     in none of JSON, text, JUnit and HTML
#    * holds: trouble: why            the grade is incomplete, with status 3, and may be nothing else
#    * open: why                      known not to be closed: what the header says need not hold, all else must. Once it
#                                     holds this line has to go
#    */
#
# CLASS is forging, reading, compiler, exhaustion, escape, waiting or report. What is handed in:
#
#   *.[ch]      as they are, @PORT@, @PID@, @NAME@, @KEY@ and @HOME@ replaced by what the host's canary has of them
#   attack.c    becomes the lab's (first) program: attempt.c, attack.c, then the solution's text
#   make.sh     makes what git cannot hold; run in the submission, which the solution fills; $SOLUTION and
#               $HOME_OF_SECRET are folders; status 77: not possible here
#
# and each absent file of the solution. What holds for all, beside what the headers say:
#
#   - a grade: status 0 or 1, complete, nobody's trouble; never later than SECONDS for each check, twenty for compilers
#   - no secret of the host (environment, a file in HOME) in any report, and no raw control byte in text or HTML; the JSON can be
#     read back, and on the page made of it no text of a stranger's is an element
#   - no file made or changed in TMPDIR or HOME, no mount, no System V object, no process left behind, nothing that is
#     called hostile-* in the usual places; the host's canary (build/tool/canary) untouched and alive
#   - an honest submission that is graded at the same time gets what it gets alone
#
# An attack that succeeds inside the program says so on stderr, `SUCCEEDED: what`, and ends it with status 66.
# The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1
. ./tests/lib/sandbox.sh
export SOCKLAB_BUILD="${SOCKLAB_BUILD:-build}" LC_ALL=C.UTF-8 NO_COLOR=1
unset SOCKLAB_TEST_REFUSE
build=$PWD/$SOCKLAB_BUILD
socklab=$build/socklab

# --- one submission, in a process of its own -----------------------------------------------------------

# header FOLDER: its lines, without what makes them comments.
header() {
    find "$1" -type f -exec cat {} + |
        sed -n 's,^[[:blank:]/*#]*\(\(hostile\|only\|options\|holds\|open\): .*\)$,\1,p' | sed 's,[[:blank:]]*\*/[[:blank:]]*$,,'
}
item() { sed -n "s/^$1: //p" "$tmp/header"; }

complain() { printf '#   %s\n' "$*"; }

# fill: a submission in $sub of $folder.
fill() {
    cp -RP "$folder" "$sub" && rm -f "$sub/attack.c" "$sub/make.sh" "$sub/hostile.txt" || return 1
    for file in "solutions/$lab"/*.[ch]; do
        [ -e "$file" ] || continue
        name=${file##*/}
        case $name in test_*) continue ;; esac
        if [ -f "$folder/attack.c" ] && [ "$name" = "$(main_file)" ]; then
            { cat tests/hostile/attempt.c "$folder/attack.c"; echo '#line 1 "solution"'; cat "$file"; } > "$sub/$name"
        elif ! [ -e "$sub/$name" ] && ! [ -L "$sub/$name" ]; then
            cp "$file" "$sub/$name" || return 1
        fi
    done
    for file in "$sub"/*.[ch]; do
        [ -f "$file" ] || continue
        sed -i -e "s/@PORT@/$(canary port)/g" -e "s/@PID@/$(canary pid)/g" -e "s/@NAME@/$(canary name)/g" \
            -e "s/@KEY@/$(canary key)/g" -e "s,@HOME@,$work/home,g" "$file"
    done
    [ -f "$folder/make.sh" ] || return 0
    (cd "$sub" && HOME_OF_SECRET="$work/home" SOLUTION="$PWD_ROOT/solutions/$lab" sh "$PWD_ROOT/$folder/make.sh")
}
main_file() {
    for file in "solutions/$lab"/*.c; do
        grep -q '^int main' "$file" && { echo "${file##*/}"; return; }
    done
}
canary() { sed -n "1s/.*\\b$1 \\([^ ]*\\).*/\\1/p" "$work/canary"; }

# State of the host that no submission may change.
host() {
    (cd "$1/tmp" && find . -mindepth 1 | sort)
    (cd "$work/home" && find . -type f -exec cksum {} +; find . | sort)
    cut -d ' ' -f 5- /proc/self/mountinfo | sort
    for ipc in shm sem msg; do
        # Not who used it last, and when.
        [ -r /proc/sysvipc/$ipc ] && awk -v kind=$ipc 'NR > 1 && $1 >= 1358954496 && $1 < 1360003072 && NF { print kind, $1, $2 }' \
            /proc/sysvipc/$ipc | sort
    done
    ls -d /tmp/hostile-* /var/tmp/hostile-* /dev/shm/hostile-* /dev/mqueue/hostile-* /hostile-* 2>/dev/null
    grep -o '@hostile-[^c].*' /proc/net/unix
}

grade() { # OWN FOLDER FORMAT OPTION...: its report in OWN/FORMAT, its account in OWN/account
    own=$1 hand_in=$2 format=$3
    shift 3
    TMPDIR=$own/tmp HOME=$work/home SOCKLAB_CANARY=$secret "$build/tool/guard" -l 300 -o "$own/account" \
        "$socklab" grade "$lab" "$hand_in" --sandbox require --format "$format" "$@" \
        > "$own/$format" 2> "$own/stderr" < /dev/null
    status=$(sed -n 's/.* status exit \([0-9]*\) .*/\1/p' "$own/account")
    : "${status:=$(cat "$own/account")}"
}

judge_account() {
    case $(cat "$tmp/account") in
        "left 0 status exit "*" late 0") ;;
        *) complain "$1: a process was left, or the end had to be waited for: $(cat "$tmp/account")" ;;
    esac
    grep -qF -- "$secret" "$tmp/$1" "$tmp/stderr" && complain "$1: a secret of the host is in the report"
    [ "$1" = text ] && LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$tmp/text" &&
        complain "text: control bytes in the report"
    [ "$1" = junit ] && { "$build/tool/report" xml "$tmp/junit" || complain "junit: not well-formed"; }
}

# The page that a browser shows, from the JSON as a gradebook keeps it.
judge_page() {
    if ! "$build/tool/pages" report "$tmp/json" "$tmp/html" 2> "$tmp/why"; then
        complain "its JSON cannot be read back: $(cat "$tmp/why")"
        return
    fi
    grep -qF -- "$secret" "$tmp/html" && complain "html: a secret of the host is on the page"
    LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$tmp/html" && complain "html: control bytes on the page"
    grep -oiE '<(script|img|iframe|object|embed|link|base|form|input|a href="[^#])' "$tmp/html" > "$tmp/why" &&
        complain "html: a stranger's text became $(head -n 1 "$tmp/why")"
}

# Reads $tmp/json and what was made of it.
judge_grade() {
    trouble=$(item holds | sed -n 's/^trouble: //p')
    if ! "$build/tool/verdicts" "$tmp/json" > "$tmp/verdicts" 2> "$tmp/why"; then
        complain "no grade, status $status: $(tail -n 1 "$tmp/stderr" | cut -c 1-200) $(cat "$tmp/why")"
        return
    fi
    judge_page
    read -r _ _ score max complete _ < "$tmp/verdicts"
    if [ -z "$trouble" ]; then
        case $status in 0 | 1) ;; *) complain "status $status" ;; esac
        [ "$complete" = complete ] || complain "the grade is incomplete"
        awk '$1 == "check" && $3 == "error" { print $2 }' "$tmp/verdicts" | while read -r id; do
            complain "trouble in $id: $(sed -n "s/^message $id //p" "$tmp/verdicts")"
        done
    elif [ "$status" != 3 ]; then
        complain "status $status, not 3: the header says $trouble"
    fi
    judge_holds > "$tmp/broken"
    open=$(item open)
    if [ -z "$open" ]; then
        cat "$tmp/broken"
    elif [ ! -s "$tmp/broken" ]; then
        complain "it holds by now: open: can go"
    fi
}

judge_holds() {
    item holds > "$tmp/holds"
    [ -s "$tmp/holds" ] || complain "the header says nothing that holds"
    while IFS= read -r hold; do
        value=${hold#*: }
        case $hold in
            "score: as honest")
                [ "$score" = "$max" ] || complain "$score of $max points: $(sed -n 's/^message //p' "$tmp/verdicts" | head -n 3)"
                ;;
            "score: "*) [ "$score" = "$value" ] || complain "$score points, not $value" ;;
            "at most "*" points")
                value=${hold#at most }
                [ "$score" -le "${value% points}" ] || complain "$score points: more than ${value% points}"
                ;;
            "fails: "*)
                awk '$1 == "check" && $3 == "fail" { print $2 }' "$tmp/verdicts" | sort > "$tmp/failed"
                echo "$value" | tr -s ' ,' '\n' | sed '/^$/d; /^nothing$/d' | sort > "$tmp/wanted"
                cmp -s "$tmp/failed" "$tmp/wanted" || complain "fails $(tr '\n' ' ' < "$tmp/failed")and not $value:" \
                    "$(sed -n 's/^message //p' "$tmp/verdicts" | head -n 3)"
                ;;
            "message: "*) grep '^message ' "$tmp/verdicts" | grep -qF -- "$value" ||
                complain "no message says: $value; but $(sed -n 's/^message //p' "$tmp/verdicts" | head -n 2)" ;;
            "report has: "*) grep -qF -- "$(printf '%b' "$value")" "$tmp/json" || complain "not in the report: $value" ;;
            "report has no: "*) grep -qF -- "$(printf '%b' "$value")" "$tmp/json" "$tmp/text" "$tmp/junit" "$tmp/html" 2> /dev/null &&
                complain "in the report: $value" ;;
            "trouble: "*) ;;
            *) complain "the header says what this runner does not know: $hold" ;;
        esac
    done < "$tmp/holds"
    # What a program found out goes to stderr, and a report shows that.
    grep -q 'SUCCEEDED: [^%"]' "$tmp/json" && complain "$(grep -o 'SUCCEEDED: [^"\\]*' "$tmp/json" | sort -u | head -n 3)"
}

# neighbour: an honest submission, graded at the same time.
neighbour() {
    mkdir "$tmp/neighbour" "$tmp/neighbour/tmp"
    (
        lab=04-accept
        grade "$tmp/neighbour" solutions/04-accept json --only builds,greets,next-client,vanished
    )
}
judge_neighbour() {
    "$build/tool/verdicts" "$tmp/neighbour/json" > "$tmp/beside" 2>&1
    awk '$1 == "grade" && $3 == $4 && $5 == "complete" { good = 1 } END { exit !good }' "$tmp/beside" ||
        complain "its neighbour: $(head -n 2 "$tmp/beside" | tr '\n' ' ') $(head -n 1 "$tmp/neighbour/stderr")"
}

attack_one() { # NAME
    PWD_ROOT=$PWD
    folder=tests/hostile/$1
    tmp=$(mktemp -d "$work/one.XXXXXX") || exit 1
    # Names and places that programs of another user reach.
    chmod 755 "$tmp"
    mkdir "$tmp/tmp"
    sub=$tmp/submission
    header "$folder" > "$tmp/header"
    kind=$(item hostile | sed 's/ .*//') lab=$(item hostile | sed 's/^[^ ]* \([^ ]*\).*/\1/')
    fill > "$tmp/filled" 2>&1
    made=$?
    if [ $made -eq 77 ]; then
        echo "ok - $kind: $1 # skip $(tail -n 1 "$tmp/filled")"
        echo "passed $kind" > "$tmp/result"
        return
    fi
    {
        [ $made -eq 0 ] || complain "it could not be put together: $(tail -n 1 "$tmp/filled")"
        case $kind in
            forging | reading | compiler | exhaustion | escape | waiting | report) ;;
            *) complain "no header 'hostile: CLASS LAB -- what it tries'" ;;
        esac
        only=$(item only)
        # shellcheck disable=SC2046
        set -- "$1" $(item options) ${only:+--only "$only"}
        name=$1
        shift
        host "$tmp" > "$tmp/before"
        neighbour &
        beside=$!
        grade "$tmp" "$sub" json "$@"
        judge_account json
        # What is shown to people is made of the same grade, and escaped by other rules.
        if [ "$kind" = report ] || item holds | grep -q 'report has no'; then
            json_status=$status
            for other in text junit; do
                grade "$tmp" "$sub" "$other" "$@"
                judge_account "$other"
            done
            status=$json_status
        fi
        wait $beside
        host "$tmp" > "$tmp/after"
        judge_grade
        judge_neighbour
        cmp -s "$tmp/before" "$tmp/after" ||
            complain "the host has changed: $(diff "$tmp/before" "$tmp/after" | grep '^[<>]' | head -n 3)"
        kill -0 "$(canary pid)" 2> /dev/null || complain "the host's canary is gone"
    } > "$tmp/said"
    if [ -s "$tmp/said" ]; then
        { echo "not ok - $kind: $name"; cat "$tmp/said"; } > "$tmp/block"
        echo "failed $kind" > "$tmp/result"
    else
        open=$(item open)
        echo "ok - $kind: $name${open:+ # still open: $open}" > "$tmp/block"
        echo "passed $kind" > "$tmp/result"
    fi
    cat "$tmp/block"
    rm -rf "$sub"
}

if [ "${1:-}" = --one ]; then
    work=$2 secret=$(cat "$2/home/secret")
    attack_one "$3"
    exit 0
fi

# --- all of them -----------------------------------------------------------------------------------------

jobs=2
while [ $# -gt 0 ]; do
    case $1 in
        -j[0-9]*) jobs=${1#-j} ;;
        -j) jobs=${2:-}; shift ;;
        -*) echo "usage: hostile.sh [-j N] [NAME...]" >&2; exit 2 ;;
        *) break ;;
    esac
    shift
done
for program in "$socklab" "$build/tool/guard" "$build/tool/canary" "$build/tool/verdicts" "$build/tool/report"; do
    [ -x "$program" ] || { echo "hostile.sh: $program is not built; use make hostile" >&2; exit 1; }
done

work=$(mktemp -d) || exit 1
chmod 755 "$work"
host_canary=
trap '[ -z "$host_canary" ] || kill "$host_canary" 2> /dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# A secret that no source holds, so that whoever shows it has read it.
mkdir "$work/home"
{ printf 'canary-'; od -An -N 12 -t x1 /dev/urandom | tr -d ' \n'; } > "$work/home/secret"
secret=$(cat "$work/home/secret")
chmod 600 "$work/home/secret"

lab=04-accept
mkdir "$work/first" "$work/first/tmp"
grade "$work/first" solutions/04-accept json --only greets
if [ "$status" = 3 ]; then
    # Without namespaces there are walls less, and the machine's doctor says so.
    failed=0
    denied "hostile submissions" "no full sandbox here: $(head -n 1 "$work/first/stderr")"
    echo "0 passed, $failed failed"
    exit "$failed"
fi

mkfifo "$work/ready"
SOCKLAB_CANARY=$secret "$build/tool/canary" "$work/canary" > "$work/ready" &
host_canary=$!
# Opening waits until the canary has opened its side; the file comes a moment later, and with it the end of the pipe.
cat "$work/ready"
[ -s "$work/canary" ] || { echo "hostile.sh: the canary did not start" >&2; exit 1; }

if [ $# -eq 0 ]; then
    for folder in tests/hostile/*/; do
        folder=${folder%/}
        [ -d "$folder" ] && printf '%s\n' "${folder##*/}"
    done
else
    printf '%s\n' "$@"
fi > "$work/list"
xargs -r -d '\n' -n 1 -P "$jobs" "$0" --one "$work" < "$work/list"
strays=$?
[ $strays -eq 0 ] || strays=1

cat "$work"/one.*/result > "$work/results" 2> /dev/null
passed=$(grep -c '^passed ' "$work/results") failed=$(($(grep -c '^failed ' "$work/results") + strays))
if kill -0 "$host_canary" && ! grep '^touched' "$work/canary"; then
    kill "$host_canary"
    wait "$host_canary"
    grep '^touched' "$work/canary" && { echo "not ok - the host's canary"; failed=$((failed + 1)); }
else
    echo "not ok - the host's canary was reached"
    failed=$((failed + 1))
fi
host_canary=
# A threat model that forgets an attack, or names one that there is not, misleads whoever relies on it.
if [ $# -eq 0 ]; then
    sed -n "/^## The attacks/,/^## What is left/p" grader/docs/THREAT-MODEL.md | grep -o "\`[a-z]*-[a-z0-9-]*\`" | tr -d "\`" | sort -u > "$work/named"
    sort "$work/list" | diff "$work/named" - > "$work/strays" || {
        echo "not ok - THREAT-MODEL.md and tests/hostile name different attacks: $(grep "^[<>]" "$work/strays" | tr "\n" " ")"
        failed=$((failed + 1))
    }
fi
awk '{ all[$2]++; good[$2] += $1 == "passed" } END { for (kind in all) printf "# %s: %d of %d held\n", kind, good[kind], all[kind] }' \
    "$work/results" | sort
[ "$(wc -l < "$work/list")" -eq "$((passed + $(grep -c '^failed ' "$work/results")))" ] ||
    { echo "not ok - not every submission was judged"; failed=$((failed + 1)); }
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
