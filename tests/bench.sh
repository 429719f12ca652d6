#!/bin/sh
# bench.sh: the grader's speed, and lab 14's reference server beside nginx, all of it measured in this one run and given as ratios where it can be: `make bench`.
#
# Prints a table: what, measured, aim. It is no test: its status says only whether everything could be measured.
set -u

cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C.UTF-8
build=${SOCKLAB_BUILD:-build}
socklab=$build/socklab
verdicts=$build/tool/verdicts
stopwatch=$build/bench/stopwatch
runs=${RUNS:-5}
cc=gcc

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
status=0

row() { # WHAT MEASURED AIM
    printf '%-58s %14s   %s\n' "$1" "$2" "$3"
}

missing() { # WHAT WHY
    row "$1" "-" "not measured: $2"
    status=1
}

ratio() {
    awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else print "-" }'
}

# submission LAB: what a student hands in for it, in $work/LAB.
submission() {
    mkdir -p "$work/$1"
    for file in solutions/"$1"/*.[ch]; do
        case ${file##*/} in test_*) ;; *) cp "$file" "$work/$1" ;; esac
    done
}

# compiles LAB: one stopwatch command that compiles each of its programs plain and sanitized, all side by side.
compiles() {
    helpers=
    programs=
    for file in "$work/$1"/*.c; do
        if [ -x "$build/reference/$1/$(basename "$file" .c)" ]; then programs="$programs $file"; else helpers="$helpers $file"; fi
    done
    base="-std=gnu11 -D_GNU_SOURCE -g -fno-omit-frame-pointer -no-pie -Wall -Wextra -pthread"
    first=yes
    for program in $programs; do
        [ "$first" = yes ] || printf ' // '
        first=no
        printf '%s -O1 %s -o %s %s %s' "$cc" "$base" "$program.plain" "$program" "$helpers"
        printf ' // %s -O1 %s -fsanitize=address,undefined -o %s %s %s' "$cc" "$base" "$program.asan" "$program" "$helpers"
    done
}

row "what" "measured" "aim"
row "----" "--------" "---"

for lab in 04-accept 05-connect 06-read-write; do
    what="$lab: grading the solution / its compiles alone"
    submission "$lab"
    # One check after the other: what a check takes, and not what its neighbours take from it.
    if ! "$socklab" grade "$lab" "$work/$lab" --jobs 1 --format json > "$work/json" 2> "$work/stderr" < /dev/null ||
        ! "$verdicts" "$work/json" > "$work/$lab.verdicts"; then
        missing "$what" "no full marks for the solution"
        continue
    fi
    # Words without blanks throughout: mktemp's and ours.
    # shellcheck disable=SC2046
    alone=$("$stopwatch" -n "$runs" $(compiles "$lab")) && whole=$("$stopwatch" -n "$runs" "$socklab" grade "$lab" "$work/$lab") ||
        { missing "$what" "a command failed"; continue; }
    row "$what" "$(ratio "$whole" "$alone")" "<= 2      ($whole ms / $alone ms)"
done

# The median over every check that passed except the build itself and those that run a program many times cannot be told apart
# here: all are in it.
what="a check's wall time by itself, median over labs 04 to 06"
if cat "$work"/*.verdicts > "$work/all" 2>/dev/null && [ -s "$work/all" ]; then
    awk '$1 == "check" && $2 != "builds" && $2 != "warnings" { print $7 * 1000 }' "$work/all" | sort -n > "$work/times"
    row "$what" "$(awk '{ t[NR] = $1 } END { printf "%.1f ms", t[int((NR + 1) / 2)] }' "$work/times")" "<= 15 ms (of a check that starts one program)"
else
    missing "$what" "no grade"
fi

# --- lab 14's reference server -----------------------------------------------------------------------------------

# In a network namespace of its own: its ports are nobody else's, and what it starts ends with it.
in_a_room() {
    bwrap --ro-bind / / --bind "$1" "$1" --dev /dev --proc /proc --unshare-user --uid 1000 --gid 1000 --unshare-net --unshare-pid \
        --die-with-parent tests/bench/http.sh "$1"
}
what="14-http: requests a second / nginx's"
mkdir "$work/http"
if ! PATH=$PATH:/usr/sbin command -v nginx > /dev/null || ! command -v wrk > /dev/null; then
    missing "$what" "nginx or wrk is not installed (packages nginx-light and wrk)"
elif ! $cc -std=gnu11 -O2 -o "$work/http/http_server" solutions/14-http/*.c || ! cp "$build/bench/listening.so" "$work/http"; then
    missing "$what" "it does not build"
elif ! in_a_room "$work/http" > "$work/rates" 2> "$work/stderr"; then
    missing "$what" "$(tail -n 1 "$work/stderr")"
else
    while read -r name ours theirs; do
        row "$what, a file of $name" "$(ratio "$ours" "$theirs")" ">= 0.7    ($ours / $theirs)"
    done < "$work/rates"
fi

what="04-accept: a hand-in that is stuck in every check"
mkdir "$work/stuck" && cp tests/bench/stuck_server.c "$work/stuck/hello_server.c"
"$socklab" grade 04-accept "$work/stuck" --format json > "$work/json" 2> /dev/null < /dev/null
if "$verdicts" "$work/json" > "$work/verdicts" 2> /dev/null && grep -q '^check builds pass' "$work/verdicts"; then
    took=$("$stopwatch" "$socklab" grade 04-accept "$work/stuck")
    stuck=$(awk '$1 == "check" && $4 == "stuck"' "$work/verdicts" | grep -c .)
    row "$what" "$(ratio "$took" 1000) s" "< 2 s    ($stuck checks say stuck)"
else
    missing "$what" "no grade"
fi

what="tracer / strace --seccomp-bpf, 20,000 round trips of 64 B"
trace=$build/bench/trace_chatty
if ! command -v strace > /dev/null; then
    missing "$what" "strace is not here"
elif calls=$("$trace" --calls) && "$trace" "$build/bench/chatty" 10 64 2> "$work/stderr"; then
    ours=$("$stopwatch" -n 3 "$trace" "$build/bench/chatty" 20000 64 2> /dev/null)
    theirs=$("$stopwatch" -n 3 strace -qq -f --seccomp-bpf -e "trace=$calls" -o /dev/null "$build/bench/chatty" 20000 64)
    row "$what" "$(ratio "$ours" "$theirs")" "<= 1      ($ours ms / $theirs ms)"
else
    missing "$what" "$(tail -n 1 "$work/stderr")"
fi

# --- a class ---------------------------------------------------------------------------------------------------

# students COUNT FILE NAME: a folder for each, with the file under its name and a difference, in $work/class.
students() {
    rm -rf "$work/class" "$work/out"
    i=0
    while [ $i -lt "$1" ]; do
        i=$((i + 1))
        mkdir -p "$work/class/s$i"
        { echo "/* student $i */"; cat "$2"; } > "$work/class/s$i/$3"
    done
}
# cores_here: the numbers of the processors that this shell may run on.
cores_here() {
    taskset -cp $$ | sed 's/.*: //' | tr ',' '\n' | while IFS=- read -r first last; do seq "$first" "${last:-$first}"; done
}
# on_each_core COMMAND...: the words of one stopwatch command that runs it on every processor at once, each kept to its own.
on_each_core() {
    between=
    for core in $(cores_here); do
        printf '%s' "$between"
        printf '%s ' taskset -c "$core" "$@"
        between='// '
    done
}
# graded: how many of them have a whole grade.
graded() { sqlite3 "$work/out/gradebook.db" 'SELECT count(*) FROM current_grade'; }

class=${CLASS:-200}
cores=$(nproc)
what="$class copies: rate for each of $cores workers / a single grade's on a core"
students "$class" solutions/04-accept/hello_server.c hello_server.c
# As on a machine with one processor: the first that this shell may run on, and two checks side by side.
single=$("$stopwatch" -n "$runs" taskset -c "$(cores_here | head -n 1)" "$socklab" grade 4 "$work/class/s1" --jobs 2)
# What processors take from each other, whoever makes them work: as many single grades at once, each on its own.
beside=$("$stopwatch" -n "$runs" $(on_each_core "$socklab" grade 4 "$work/class/s1" --jobs 2))
first=$("$stopwatch" "$socklab" class 4 "$work/class" -o "$work/out" -j "$cores" 2> /dev/null)
if [ "$(graded)" = "$class" ]; then
    share=$(awk -v t="$first" -v n="$class" -v c="$cores" 'BEGIN { printf "%.2f", t / n * c }')
    row "$what" "$(ratio "$single" "$share")" ">= 0.9    ($single ms / $share ms)"
    row "... a single grade's rate with one on every core / alone" "$(ratio "$single" "$beside")" "          ($single ms / $beside ms)"
    second=$("$stopwatch" -n 3 "$socklab" class 4 "$work/class" -o "$work/out" -j "$cores" 2> /dev/null)
    row "... a second run over them unchanged: times quicker" "$(ratio "$first" "$second")" ">= 50     ($first ms / $second ms)"
else
    missing "$what" "not all have a grade"
fi

# What does not compile is graded quickly: there the class's own cost is the largest part. quick COUNT: sets $took, in ms for each, and
# $peak, of the command itself in KiB.
quick() {
    students "$1" "$work/quick.c" hello_server.c
    took=$("$stopwatch" "$socklab" class 4 "$work/class" -o "$work/out" -j "$cores" 2> /dev/null)
    [ "$(graded)" = "$1" ] || return 1
    took=$(awk -v t="$took" -v n="$1" 'BEGIN { printf "%.2f", t / n }')
    rm -rf "$work/out"
    "$build/tool/follow" -d 0 -l 900 -o "$work/count" "$socklab" class 4 "$work/class" -o "$work/out" -j "$cores" > /dev/null 2>&1
    peak=$(sed -n 's/.* peak \([0-9]*\) .*/\1/p' "$work/count")
}
echo 'int main(void) { return nothing }' > "$work/quick.c"
few=100 many=$((5 * class))
what="a hand-in among $many / among $few"
if quick "$few" && few_took=$took few_peak=$peak && quick "$many"; then
    row "$what: time" "$(ratio "$took" "$few_took")" "<= 1.1    ($took ms / $few_took ms)"
    row "... the command's memory" "$(ratio "$peak" "$few_peak")" "<= 1.5    ($peak KiB / $few_peak KiB)"
else
    missing "$what" "not all have a grade"
fi

exit "$status"
