#!/bin/sh
# run.sh: every test, in order; the last line alone is `N passed, N failed` over all of them.
#
# A part is a program whose last line on stdout is `N passed, N failed` and whose status says the same. One that
# ends without that line, ran nothing, or claims success with a bad status counts as one failure. `make check` builds
# what is needed and calls this; SOCKLAB_BUILD names the build folder (build).
set -u

cd "$(dirname "$0")/.." || exit 1
export SOCKLAB_BUILD="${SOCKLAB_BUILD:-build}"
export LC_ALL=C.UTF-8

work=$(mktemp -d) || exit 1
beside=
trap 'rm -rf "$work"' EXIT
# What runs in the background does not hear Ctrl-C: it is told, with all that it started.
end_beside() { [ -z "$beside" ] || kill -- "-$beside" 2> /dev/null; }
trap 'end_beside; exit 130' INT
trap 'end_beside; exit 143' TERM HUP

all_passed=0 all_failed=0

# part NAME COMMAND...: runs one part, shows it as it goes, adds its count.
part() {
    name=$1
    shift
    echo "# $name"
    # A part's own status comes through a file: sh has no pipefail.
    { "$@" < /dev/null; echo $? > "$work/status"; } | tee "$work/out"
    count_part "$name" "$work/out" "$(cat "$work/status")"
}

# count_part NAME OUTPUT STATUS: adds a part's count.
count_part() {
    sed -n "s/^ok [0-9 -]*\(.*\) # skip /# left out: $1: \1: /p" "$2" >> "$work/skipped"
    count=$(tail -n 1 "$2" | sed -n 's/^\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1 \2/p')
    if [ -z "$count" ]; then
        echo "not ok - $1 ended without its count (status $3)"
        all_failed=$((all_failed + 1))
        return
    fi
    passed=${count% *} failed=${count#* }
    left_out=no
    [ "${SOCKLAB_TEST_WITHOUT_SANDBOX:-}" = yes ] && grep -q '^ok .* # skip ' "$2" && left_out=yes
    if [ "$failed" -eq 0 ] && [ "$passed" -eq 0 ] && [ "$left_out" = no ]; then
        echo "not ok - $1 ran nothing"
        failed=1
    elif [ "$failed" -eq 0 ] && [ "$3" -ne 0 ]; then
        echo "not ok - $1 reports no failure but ended with status $3"
        failed=1
    fi
    all_passed=$((all_passed + passed)) all_failed=$((all_failed + failed))
}

# The zoo is half of all the work, and much of the rest waits: they run side by side, and are shown one after the other.
setsid tests/run-zoo.sh --table < /dev/null > "$work/zoo" 2>&1 &
beside=$!

part "unit tests" "$SOCKLAB_BUILD/unit"

# Any tests/NAME.sh is a part; these have their own place in the order, or are no test.
part "include rule" tests/include-rule.sh
for script in tests/*.sh; do
    case ${script#tests/} in
        run.sh | bench.sh | include-rule.sh | run-zoo.sh) continue ;;
    esac
    part "$(basename "$script" .sh)" "$script"
done

echo "# zoo, right programs, solutions, skeletons"
wait "$beside"
status=$?
beside=
cat "$work/zoo"
count_part "zoo" "$work/zoo" "$status"

# What this machine could not show is said where everybody looks.
cat "$work/skipped"
echo "$all_passed passed, $all_failed failed"
[ "$all_failed" -eq 0 ] && [ "$all_passed" -gt 0 ]
