#!/bin/sh
# survive.sh [--moments N]: the grader is ended at many moments of a grading: by SIGINT and SIGTERM at ten each, and by SIGKILL at
# N (25) different ones, with a sandbox and without, as this user and, for root, as an ordinary one: four times 25 make a hundred.
# Nothing of it may be left: no process, no mount, no namespace, no cgroup, no file; and the next run works.
#
# A moment is no time: it is a fork, an exec or an end of one of the grader's processes, or a system call of the grader's or of
# the room's, before it or after it, counted by build/tool/follow. They are spread evenly over the grading.
# The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1
unset SOCKLAB_TEST_REFUSE
export LC_ALL=C.UTF-8
. ./tests/lib/everybody.sh
. ./tests/lib/sandbox.sh
build=$PWD/${SOCKLAB_BUILD:-build}
socklab=$build/socklab
follow=$build/tool/follow
moments=25
case "$#${1:-}" in
    0) ;;
    2--moments) moments=$2 ;;
    *) echo "usage: survive.sh [--moments N]" >&2; exit 2 ;;
esac
[ "$moments" -gt 0 ] || exit 2

work=$(mktemp -d) || exit 1
chmod 755 "$work" # programs of another user run below TMPDIR
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0 failed=0

mkdir "$work/hand-in"
cp solutions/04-accept/hello_server.c "$work/hand-in"
# Conversations, a sanitizer build, and a client that hangs: what a moment can fall into.
checks=builds,greets,queued,memory,no-descriptors

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

# grade SANDBOX FOLLOW-ARGUMENT...: one grading under follow, as $user; its account in $count.
grade() {
    mode=$1
    shift
    depth=2
    [ "$mode" = off ] && depth=3 # a warden stands between
    # The room's calls count too: what it had made when the grader went is what could be left.
    calls=$((depth - 1))
    # LeakSanitizer, in a build of make asan, cannot work in what is traced.
    # shellcheck disable=SC2086
    TMPDIR=$tmp ASAN_OPTIONS=detect_leaks=0 $user "$follow" -d "$depth" -c "$calls" -l 300 -o "$own/count" "$@" \
        "$socklab" grade 4 "$work/hand-in" --only $checks --sandbox "$mode" --output "$own/report" \
        > "$own/out" 2> "$own/err" < /dev/null
    count=$(cat "$own/count" 2>/dev/null)
}
# account NAME: the number behind a name in it.
account() { echo "$count" | sed -n "s/.*\\b$1 \\([0-9]*\\).*/\\1/p"; }

mounts() { cut -d ' ' -f 5- /proc/self/mountinfo | sort; }
# Groups of graders whose numbers are in $own/pids. One that is killed leaves them empty (its processes are gone), and the next
# grading takes them away.
cgroups() {
    find /sys/fs/cgroup -type d -name 'socklab-*' 2> /dev/null | sed -n 's/.*socklab-[0-9]*-\([0-9]*\)-.*/\1/p' |
        grep -xFf "$own/pids" | sed 's/^/a control group was left by grader /'
}
# judge_end MOMENT SIGNAL: the command must have ended by it, having taken away the report that it had begun. In its last
# moments the report may be whole: then it stays, and the status is the grade's.
judge_end() {
    case $count in
        *" status signal $2 "*) [ "$2" = 9 ] || [ ! -e "$own/report" ] || echo "moment $1: half a report was left" ;;
        *" status exit 0 "*) grep -q ' passed; seed 1' "$own/report" || echo "moment $1: neither ended nor with a whole report: $count" ;;
        *) echo "moment $1: not ended by signal $2: $count $(head -n 1 "$own/err")" ;;
    esac
    rm -f "$own/report"
    [ "$(account left)" = 0 ] || echo "moment $1: a process was left: $count"
    for file in "$tmp"/* "$tmp"/.[!.]*; do
        [ -e "$file" ] || continue
        echo "moment $1: $file was left"
        rm -rf "$file"
    done
    mounts > "$own/mounts"
    cmp -s "$work/mounts" "$own/mounts" || echo "moment $1: the mounts differ"
}

# trial WHO SANDBOX SIGNAL NAME MOMENTS: spread over a whole grading.
trial() {
    title="$4 at $5 moments, $1, --sandbox $2"
    : > "$own/said"
    : > "$own/moments"
    : > "$own/pids"
    ended=0
    i=0
    while [ $i -lt "$5" ]; do
        # Each signal its own moments, the same in each run of this test.
        at=$((1 + (i * 997 + $3 * 31 + 13) * total / ($5 * 997 + 1000)))
        grade "$2" -k "$at" -s "$3"
        i=$((i + 1))
        if [ "$(account sent)" = 1 ]; then
            ended=$((ended + 1))
            echo "$at" >> "$own/moments"
            account pid >> "$own/pids"
            judge_end "$at" "$3" >> "$own/said"
        else
            rm -f "$own/report" # this grading was shorter
        fi
    done
    [ "$(sort -u "$own/moments" | wc -l)" = $ended ] || echo "a moment came twice" >> "$own/said"
    [ $ended -ge $(($5 * 3 / 4)) ] || echo "only $ended of $5 moments came: $count" >> "$own/said"
    [ "$3" = 9 ] || cgroups >> "$own/said"
    verdict "$title" "$own/said"
    grade "$2"
    {
        [ "$(account exit)" = 0 ] || echo "$count: $(head -n 3 "$own/err")"
        cgroups
    } > "$own/said"
    verdict "... and the next run works" "$own/said"
    rm -f "$own/report"
}

# trials WHO: with $user, the words before a command that make it his.
trials() {
    own=$work/$1
    tmp=$own/tmp
    mkdir "$own" "$tmp" && chmod 777 "$own" "$tmp"
    mounts > "$work/mounts"
    for mode in require off; do
        grade "$mode"
        if [ "$mode" = require ] && [ "$(account exit)" = 3 ]; then
            denied "with a sandbox, $1" "$(head -n 1 "$own/err")"
            continue
        fi
        { [ "$(account exit)" = 0 ] || echo "$count: $(head -n 3 "$own/err")"; } > "$own/said"
        verdict "a grading under follow, $1, --sandbox $mode" "$own/said"
        rm -f "$own/report"
        total=$(account moments)
        trial "$1" "$mode" 2 SIGINT 10
        trial "$1" "$mode" 15 SIGTERM 10
        trial "$1" "$mode" 9 SIGKILL "$moments"
    done
}

user=
trials "this user"
if [ "$(id -u)" -eq 0 ]; then
    user=$as_nobody
    everybodys "$build" "$work/everybody"
    socklab=$work/everybody/build/socklab follow=$work/everybody/build/tool/follow
    if command -v setpriv > /dev/null && $user "$socklab" --version > /dev/null 2>&1; then
        trials "an ordinary user"
    else
        echo "ok - as an ordinary user # skip no other user can run $socklab"
    fi
fi

# Namespaces: one that is left without a process or a mount is seen by nobody, but counted by the kernel. In a user namespace that
# may have sixteen of each kind, killed gradings that left one each would soon be followed by none that works.
own=$work/namespaces tmp=$work/namespaces/tmp
mkdir "$own" "$tmp" && chmod 777 "$own" "$tmp"
mkfifo "$own/ready" "$own/end"
{
    unshare --user --map-root-user sh -c '
        for kind in net mnt ipc uts pid; do echo 16 > "/proc/sys/user/max_${kind}_namespaces" || exit; done
        echo $$ && read -r _ < "$1"' sh "$own/end" || echo none
} > "$own/ready" 2> /dev/null &
read -r holder < "$own/ready"
user="nsenter --user=/proc/$holder/ns/user --preserve-credentials --"
if [ "$holder" != none ] && $user "$socklab" --version > /dev/null 2>&1; then
    mounts > "$work/mounts"
    grade require
    total=$(account moments)
    { [ "$(account exit)" = 0 ] || echo "$count: $(head -n 3 "$own/err")"; } > "$own/said"
    verdict "a grading where namespaces are few" "$own/said"
    rm -f "$own/report"
    trial "with few namespaces" require 9 SIGKILL "$moments"
else
    denied "no namespace is left" "no user namespace to count them in"
fi
[ "$holder" = none ] || echo > "$own/end"
wait
user=

# nohup: who ignores SIGHUP goes on when the terminal goes.
own=$work/nohup tmp=$work/nohup/tmp user=
mkdir "$own" "$tmp" && chmod 777 "$own" "$tmp"
(
    trap '' HUP
    grade auto -k 300 -s 1
    echo "$count" > "$own/whole"
)
count=$(cat "$own/whole")
{ [ "$(account sent)" = 1 ] && [ "$(account exit)" = 0 ] && grep -q ' passed; seed 1' "$own/report" || echo "$count"; } > "$own/said"
verdict "an ignored SIGHUP is ignored" "$own/said"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
