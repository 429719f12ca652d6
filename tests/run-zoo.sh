#!/bin/sh
# run-zoo.sh [-j N] [--times N] [--seed N] [--table] [LAB [NAME]]: grades what the grader must get right.
#
#   tests/zoo/LAB/NAME/    a broken submission: fails exactly the checks that its header names
#   tests/right/LAB/NAME/  right, in an unusual style: full marks
#   solutions/LAB          full marks
#   labs/LAB               the skeleton: builds, less than full marks, no crash, no hang, no trouble
#
# The header is a comment in any file of the folder (one that is not handed in will do, zoo.txt for instance):
#
#   /* zoo: fails ID ID ... -- what is wrong */       up to `--` or the comment's end, over several lines too
#   /* zoo: without FILE ... */                       beside it: FILE is not filled in
#   /* right: what is unusual */
#
# A hand-in file that a folder lacks is taken from solutions/LAB. NAME is a folder of zoo or right, `solution` or `skeleton`.
# -j N runs N at a time (2). --times N grades each N times and fails where two verdicts differ. --seed N grades with this
# seed, and with --times with N, N + 1 and so on: then no two runs have the same interleavings, and which checks pass must not
# differ all the same. --table prints how many broken submissions trip each check, and fails where none does. A failed one
# keeps nothing behind.
# The last line is `N passed, N failed`.
set -u

usage() {
    echo "usage: run-zoo.sh [-j N] [--times N] [--seed N] [--table] [LAB [NAME]]" >&2
    exit 2
}

cd "$(dirname "$0")/.." || exit 1
export SOCKLAB_BUILD="${SOCKLAB_BUILD:-build}" LC_ALL=C.UTF-8
export NO_COLOR=1
socklab=$PWD/$SOCKLAB_BUILD/socklab
verdicts=$PWD/$SOCKLAB_BUILD/tool/verdicts

# --- one submission, in a process of its own (xargs starts this script again for each) ---------------

# wanted_ids FOLDER: the ids after `zoo: fails` in any of its files, sorted, one a line.
wanted_ids() {
    find "$1" -type f -exec cat {} + | awk '
        !on && sub(/.*zoo: fails/, "") { on = 1 }
        on { done = sub(/(--|\*\/).*/, ""); gsub(/[*,]/, " "); print; if (done) exit }' |
        tr -s ' \t' '\n' | sed '/^$/d' | sort -u
}

# assemble FROM LAB: a submission in $sub, absent hand-in files filled in from the solution.
assemble() {
    without=" $(find "$1" -type f -exec cat {} + | sed -n 's/.*zoo: without \([^*]*\).*/\1/p' | tr '\n' ' ') "
    rm -rf "$sub"
    cp -RP "$1" "$sub" || return 1
    for file in solutions/"$2"/*.[ch]; do
        name=${file##*/}
        case $name in test_*) continue ;; esac
        case $without in *" $name "*) continue ;; esac
        [ -e "$sub/$name" ] || [ -L "$sub/$name" ] || cp "$file" "$sub/$name" || return 1
    done
}

complain() {
    printf '#   %s\n' "$*"
    ok=no
}

# Each judge_KIND reads $out (what tool/verdicts said) and $status (how socklab ended).

judge_full() {
    awk '$1 == "check" && $3 != "pass" { print $2 }' "$out" > "$tmp/failed"
    while read -r id; do
        complain "fails $id: $(sed -n "s/^message $id //p" "$out")"
    done < "$tmp/failed"
    awk '$1 == "grade" && $3 == $4 { found = 1 } END { exit !found }' "$out" || complain "not full marks"
    [ "$status" -eq 0 ] || complain "exit status $status, not 0"
}

judge_zoo() {
    wanted_ids "$folder" > "$tmp/wanted"
    [ -s "$tmp/wanted" ] || complain "no header 'zoo: fails ID ...' in $folder"
    awk '$1 == "check" && $3 != "pass" && $3 != "skip" { print $2 }' "$out" | sort -u > "$tmp/got"
    for id in $(comm -23 "$tmp/wanted" "$tmp/got"); do
        grep -q "^check $id " "$out" || { complain "the header names $id, which this lab does not have"; continue; }
        complain "should fail $id, which says: $(awk -v id="$id" '$1 == "check" && $2 == id { print $3 }' "$out")"
    done
    for id in $(comm -13 "$tmp/wanted" "$tmp/got"); do
        complain "should not fail $id: $(sed -n "s/^message $id //p" "$out")"
    done
    [ "$status" -eq 1 ] || complain "exit status $status, not 1"
}

# A student's first grade: it may lack everything, but nothing in it may look like an accident.
judge_skeleton() {
    grep -q '^check builds pass ' "$out" || complain "does not build: $(sed -n 's/^message builds //p' "$out")"
    awk '$1 == "grade" && $3 < $4 { found = 1 } END { exit !found }' "$out" || complain "full marks for a skeleton"
    awk '$1 == "check" && $4 ~ /^(crashed|stuck|spinning|timeout|sanitizer)$/ { print $2, $4 }' "$out" > "$tmp/rude"
    while read -r id verdict; do
        complain "$id: $verdict: $(sed -n "s/^message $id //p" "$out")"
    done < "$tmp/rude"
    # What it says in the sanitizers' builds is its own, too.
    ! grep -q 'LeakSanitizer' "$out" || complain "a sanitizer speaks for it: $(grep 'LeakSanitizer' "$out" | head -n 1)"
    [ "$status" -eq 1 ] || complain "exit status $status, not 1"
}

# grade_one KIND LAB FOLDER NAME: grades it $times times, prints its block at once, leaves its count in $work.
grade_one() {
    kind=$1 lab=$2 folder=$3 title="$2/$4"
    tmp=$(mktemp -d "$work/one.XXXXXX") || exit 1
    sub=$tmp/submission ok=yes
    # What must have full marks makes no call that the sandbox refuses: here it would be killed for one (calls.sh).
    calls=
    case $kind in right | solution) calls=kill ;; esac
    # How a check fails may depend on the interleaving, that it fails may not.
    compared='{ print $2, $3, $4 }'
    [ -z "$seed" ] || compared='{ print $2, $3 }'
    {
        if [ "$kind" = right ] && ! grep -rq '/\* right: ' "$folder"; then
            complain "no header 'right: ...' in $folder"
        fi
        if [ "$kind" = skeleton ]; then
            mkdir "$sub" && cp "$folder"/*.[ch] "$sub" || complain "could not be copied"
        else
            assemble "$folder" "$lab" || complain "could not be put together"
        fi
        run=1
        while [ "$ok" = yes ] && [ "$run" -le "$times" ]; do
            out=$tmp/out
            this=${seed:+$((seed + run - 1))}
            name="run $run${this:+, with seed $this,}"
            SOCKLAB_TEST_CALLS=$calls "$socklab" grade "$lab" "$sub" --format json ${this:+--seed "$this"} \
                > "$tmp/json" 2> "$tmp/stderr" < /dev/null
            status=$?
            if ! "$verdicts" "$tmp/json" > "$out" 2>> "$tmp/stderr"; then
                complain "$name: no grade (status $status): $(tail -n 2 "$tmp/stderr" | tr '\n' ' ')"
                break
            fi
            # Trouble is never what a submission was meant to show.
            awk '$1 == "check" && $3 == "error" { print $2 }' "$out" > "$tmp/trouble"
            while read -r id; do
                complain "$name: trouble in $id: $(sed -n "s/^message $id //p" "$out")"
            done < "$tmp/trouble"
            grep -q '^grade .* complete ' "$out" || complain "$name: the grade is incomplete"
            awk "\$1 == \"check\" $compared" "$out" > "$tmp/verdicts"
            if [ "$run" -eq 1 ]; then
                cp "$tmp/verdicts" "$tmp/first"
                case $kind in zoo | skeleton) judge_"$kind" ;; *) judge_full ;; esac
            elif ! cmp -s "$tmp/first" "$tmp/verdicts"; then
                complain "$name differs from run 1:"
                diff "$tmp/first" "$tmp/verdicts" | sed -n 's/^[<>]/#     &/p'
            fi
            run=$((run + 1))
        done
    } > "$tmp/said"
    if [ "$ok" = yes ]; then
        echo "ok - $kind $title" > "$tmp/block"
        echo passed > "$tmp/result"
    else
        { echo "not ok - $kind $title"; cat "$tmp/said"; } > "$tmp/block"
        echo failed > "$tmp/result"
    fi
    [ "$kind" = zoo ] && [ -f "$tmp/first" ] && awk -v lab="$lab" '$2 == "fail" { print lab, $1 }' "$tmp/first" > "$tmp/tripped"
    cat "$tmp/block"
    rm -rf "$sub"
}

if [ "${1:-}" = --one ]; then
    work=$2 times=$3 seed=$4
    shift 4
    grade_one "$@"
    exit 0
fi

# --- all of them -------------------------------------------------------------------------------------

jobs=2 times=1 seed= table=no
while [ $# -gt 0 ]; do
    case $1 in
        -j[0-9]*) jobs=${1#-j} ;;
        -j) [ $# -gt 1 ] || usage; jobs=$2; shift ;;
        --times) [ $# -gt 1 ] || usage; times=$2; shift ;;
        --seed) [ $# -gt 1 ] && [ -n "$2" ] || usage; seed=$2; shift ;;
        --table) table=yes ;;
        -*) usage ;;
        *) break ;;
    esac
    shift
done
[ $# -le 2 ] || usage
case $jobs$times$seed in *[!0-9]* | '') usage ;; esac
case $seed in 0?*) usage ;; esac # to the shell's arithmetic it would be octal
# 4, 04 and 04-accept all name the lab.
case ${1:-} in ?) only_lab=0$1 ;; *) only_lab=${1:-} ;; esac
only_name=${2:-}

for program in "$socklab" "$verdicts"; do
    [ -x "$program" ] || { echo "run-zoo.sh: $program is not built; use make zoo" >&2; exit 1; }
done

# The lists that xargs reads below must not hold words that it would split.
work=$(mktemp -d) || exit 1
# xargs and what it started get the same Ctrl-C from the terminal; nothing of theirs is in the way here.
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

add() { # KIND LAB FOLDER NAME
    [ -d "$3" ] || return 0
    case $2 in "$only_lab"*) ;; *) return 0 ;; esac
    [ -z "$only_name" ] || [ "$4" = "$only_name" ] || return 0
    printf '%s\n' "$1" "$2" "$3" "$4" >> "$work/list"
}

: > "$work/list"
for folder in solutions/*; do
    lab=${folder##*/}
    add solution "$lab" "$folder" solution
    add skeleton "$lab" "labs/$lab" skeleton
    for other in tests/right/"$lab"/*; do add right "$lab" "$other" "${other##*/}"; done
    for other in tests/zoo/"$lab"/*; do add zoo "$lab" "$other" "${other##*/}"; done
done
# A lab's solution is what a folder is filled up from: a zoo without one is a mistake in a name.
strays=0
for folder in tests/zoo/* tests/right/*; do
    [ -d "$folder" ] || continue
    [ -d "solutions/${folder##*/}" ] && continue
    echo "not ok - $folder: there is no solutions/${folder##*/}"
    strays=$((strays + 1))
done

# -r: an empty list starts nothing. Each takes four lines.
xargs -r -d '\n' -n 4 -P "$jobs" "$0" --one "$work" "$times" "$seed" < "$work/list" || strays=$((strays + 1))

passed=$(cat /dev/null "$work"/one.*/result 2>/dev/null | grep -c '^passed$')
failed=$(($(cat /dev/null "$work"/one.*/result 2>/dev/null | grep -c '^failed$') + strays))

# A check that no broken submission trips may be one that cannot fail.
if [ "$table" = yes ] && [ -z "$only_name" ]; then
    cat /dev/null "$work"/one.*/tripped > "$work/tripped" 2>/dev/null
    for folder in solutions/*; do
        lab=${folder##*/}
        case $lab in "$only_lab"*) ;; *) continue ;; esac
        if ! "$socklab" checks "$lab" --format json 2>&1 < /dev/null > "$work/checks" ||
            ! "$verdicts" --ids "$work/checks" > "$work/ids" || ! [ -s "$work/ids" ]; then
            echo "not ok - $lab: its checks could not be listed"
            failed=$((failed + 1))
            continue
        fi
        while read -r id; do
            count=$(grep -cx "$lab $id" "$work/tripped")
            if [ "$count" -gt 0 ]; then
                echo "ok - $lab $id is tripped by $count of the zoo"
                passed=$((passed + 1))
            else
                echo "not ok - $lab $id is tripped by nothing in the zoo"
                failed=$((failed + 1))
            fi
        done < "$work/ids"
    done
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
