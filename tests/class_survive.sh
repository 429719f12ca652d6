#!/bin/sh
# class_survive.sh [--moments N]: `socklab class` is killed (SIGKILL) at N (8) different moments, with a sandbox and, at a fifth as many,
# without one. At each: nothing is left running and nothing half-written, what is in the gradebook is whole, and the same command goes on:
# no grading is lost, no hand-in graded twice, and what comes out is what comes out of a run that nobody killed.
#
# A moment is no time: it is a fork, an exec or an end of one of its processes, or a system call of the command itself, before it or after
# it, counted by build/tool/follow. They are spread evenly over the run.
# The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1
. ./tests/lib/sandbox.sh
unset SOCKLAB_TEST_REFUSE
export LC_ALL=C.UTF-8
build=$PWD/${SOCKLAB_BUILD:-build}
socklab=$build/socklab
follow=$build/tool/follow
moments=8
case "$#${1:-}" in
    0) ;;
    2--moments) moments=$2 ;;
    *) echo "usage: class_survive.sh [--moments N]" >&2; exit 2 ;;
esac
[ "$moments" -gt 0 ] || exit 2

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0 failed=0
mkdir "$work/tmp"

verdict() { # TITLE FILE: passed when FILE, a list of complaints, is empty
    if [ -s "$2" ]; then
        echo "not ok - $1"
        sed 's/^/#   /' "$2"
        failed=$((failed + 1))
    else
        echo "ok - $1"
        passed=$((passed + 1))
    fi
}

# A class: one whose every check runs, some that do not compile, which is quickly graded, and one who handed nothing in.
class=$work/class
for student in anna berta carl dora; do
    mkdir -p "$class/$student"
    echo "int main(void) { return $student; }" > "$class/$student/sockinfo.c"
done
cp solutions/01-socket/sockinfo.c "$class/anna/sockinfo.c"
mkdir "$class/emil"
students=4

# run SANDBOX DIR FOLLOW-ARGUMENT...: one run under follow; its account in $count.
run() {
    mode=$1 dir=$2
    shift 2
    depth=3 # below the command: a worker, the room, the checkers
    [ "$mode" = off ] && depth=4 # a warden stands between
    TMPDIR=$work/tmp "$follow" -d "$depth" -c 0 -l 300 -o "$work/count" "$@" \
        "$socklab" class 1 "$class" -o "$dir" --sandbox "$mode" -j 2 > "$work/out" 2> "$work/err" < /dev/null
    count=$(cat "$work/count" 2> /dev/null)
}
account() { echo "$count" | sed -n "s/.*\\b$1 \\([0-9]*\\).*/\\1/p"; }

# ask DIR QUERY: of a copy, so that what a kill left is for the next run to find.
ask() {
    rm -rf "$work/copy"
    mkdir "$work/copy"
    cp "$1"/gradebook.db* "$work/copy"
    sqlite3 "$work/copy/gradebook.db" "$2" 2>&1
}
gradings="SELECT grading.id, student.key, complete, score, started, hex(substr(result, 1, 4000)) FROM grading
    JOIN submission ON submission.id = grading.submission JOIN student ON student.id = submission.student ORDER BY grading.id"

# whole DIR: complains of files that are half there.
whole() {
    find "$1" -type f ! -path '*/.work/*' ! -name 'gradebook.db*' | while read -r file; do
        case $file in
            *.html) tail -n 1 "$file" | grep -q '</html>$' ;;
            *.json) [ "$(sqlite3 :memory: "SELECT json_valid(readfile('$file'))")" = 1 ] ;;
            *) tail -c 1 "$file" | od -An -c | grep -q '\\n' ;;
        esac || echo "$file is not whole"
    done
}

# judge_kill MOMENT DIR: what is there after the kill; leaves its gradings in $work/before.
judge_kill() {
    case $count in *" status signal 9 "*) ;; *) echo "moment $1: not killed: $count" ;; esac
    [ "$(account left)" = 0 ] || echo "moment $1: a process was left: $count"
    [ -z "$(ls -A "$work/tmp")" ] || echo "moment $1: left in TMPDIR: $(ls -A "$work/tmp")"
    : > "$work/before"
    [ -d "$2" ] || return
    whole "$2" | sed "s/^/moment $1: /"
    [ -s "$2/gradebook.db" ] || return
    ask "$2" "PRAGMA integrity_check" | grep -vx ok | sed "s/^/moment $1: gradebook: /"
    # Without its tables yet, it is as good as none.
    ask "$2" "$gradings" | grep -v 'no such table' > "$work/before"
}

# judge_end MOMENT DIR: what the next run made of it.
judge_end() {
    [ "$(account exit)" = 0 ] || echo "moment $1: the next run: $count $(head -n 1 "$work/err")"
    ask "$2" "$gradings" > "$work/after"
    head -n "$(wc -l < "$work/before")" "$work/after" | cmp -s - "$work/before" || echo "moment $1: a grading was lost or changed"
    cut -d '|' -f 2,3 "$work/after" | sort | tr '\n' ' ' | grep -qx 'anna|1 berta|1 carl|1 dora|1 ' ||
        echo "moment $1: graded: $(cut -d '|' -f 2,3 "$work/after" | tr '\n' ' ')"
    (cd "$2" && find . | sort) | diff "$work/files" - | sed "s/^/moment $1: /"
    cmp -s "$2/grades.csv" "$work/reference/grades.csv" || echo "moment $1: grades.csv differs"
    whole "$2" | sed "s/^/moment $1: after the next run: /"
}

# trial SANDBOX MOMENTS
trial() {
    run "$1" "$work/reference"
    if [ "$1" = require ] && [ "$(account exit)" = 3 ]; then
        denied "killed, --sandbox require" "$(head -n 1 "$work/err")"
        return
    fi
    total=$(account moments)
    (cd "$work/reference" && find . | sort) > "$work/files"
    { [ "$(account exit)" = 0 ] && [ "$(grep -c . "$work/reference/grades.csv")" = $((students + 2)) ]; } ||
        echo "$count $(head -n 3 "$work/err")" > "$work/said"
    verdict "a run under follow, --sandbox $1, $total moments" "$work/said"
    : > "$work/said"
    : > "$work/sums"
    i=0 ended=0
    while [ $i -lt "$2" ]; do
        at=$((1 + (i * 997 + 13) * total / ($2 * 997 + 1000)))
        i=$((i + 1))
        run "$1" "$work/killed" -k "$at" -s 9
        if [ "$(account sent)" = 1 ]; then
            ended=$((ended + 1))
            judge_kill "$at" "$work/killed" >> "$work/said"
            wc -l < "$work/before" >> "$work/sums"
            run "$1" "$work/killed"
            judge_end "$at" "$work/killed" >> "$work/said"
        fi
        rm -rf "$work/killed"
    done
    [ $ended -ge $(($2 * 3 / 4)) ] || echo "only $ended of $2 moments came: $count" >> "$work/said"
    verdict "killed at $ended moments, --sandbox $1: nothing lost, nothing twice, nothing half-written" "$work/said"
    # Moments that all lie before the first grading, or behind the last, would prove little; a few may.
    [ "$2" -lt 8 ] || judge_spread
    rm -rf "$work/reference"
}

judge_spread() {
    sort -un "$work/sums" | tr '\n' ' ' > "$work/seen"
    : > "$work/said"
    [ "$(wc -w < "$work/seen")" -ge 2 ] || echo "gradings kept at the kills: $(cat "$work/seen")" > "$work/said"
    verdict "... with these numbers of gradings made before: $(cat "$work/seen")" "$work/said"
}

: > "$work/said"
trial require "$moments"
: > "$work/said"
trial off $(((moments + 4) / 5))

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
