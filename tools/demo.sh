#!/bin/sh
# demo.sh: grades three hand-ins of lab 04 and shows their reports: the solution, the skeleton that a student starts
# from, and one with a mistake that many make (`make demo`).
#
# Status 0 when each grade ended as it should (full marks, less, less), 1 otherwise.
set -u

cd "$(dirname "$0")/.." || exit 1
socklab=${SOCKLAB_BUILD:-build}/socklab
status=0

# show WANTED-STATUS FOLDER TEXT
show() {
    printf '\n==== %s\n     $ %s grade 4 %s\n\n' "$3" "$socklab" "$2"
    "$socklab" grade 4 "$2" < /dev/null
    got=$?
    if [ "$got" -ne "$1" ]; then
        echo "demo.sh: that ended with status $got, not $1" >&2
        status=1
    fi
}

show 0 solutions/04-accept "The solution: full marks."
show 1 labs/04-accept "The skeleton that a student starts from: nothing is written yet."
show 1 tests/zoo/04-accept/sends-nul "One with a mistake: it sends the string's NUL along."
exit "$status"
