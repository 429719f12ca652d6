#!/bin/sh
# calls.sh: no solution, no right program and none of their compilers makes a system call that the
# sandbox does not allow.
#
# They are graded with filters that kill where they would refuse (SOCKLAB_TEST_CALLS=kill): full marks mean that no
# such call was made by a program, a compiler, a linker, a sanitizer or curl. run-zoo.sh does so with gcc, for all that must have
# full marks; here the solutions with clang. A program that makes such a call must be killed, or this would prove
# nothing. The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1
export SOCKLAB_BUILD="${SOCKLAB_BUILD:-build}" LC_ALL=C.UTF-8 NO_COLOR=1
export SOCKLAB_TEST_CALLS=kill

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

passed=0 failed=0

count() {
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        echo "not ok - $2"
        failed=$((failed + 1))
    fi
}

# One that does: the filter bites.
cat > "$work/sockinfo.c" <<'END'
#include <sys/shm.h>
int main(void) { return shmget(IPC_PRIVATE, 1, 0600) < 0; }
END
"$SOCKLAB_BUILD/socklab" grade 1 "$work" --only tcp > "$work/report"
grep -q SIGSYS "$work/report"
count $? "a program that asks for shared memory is not killed"

for lab in solutions/*/; do
    name=$(basename "$lab")
    command -v clang > "$work/which" || continue
    "$SOCKLAB_BUILD/socklab" grade "$name" "$lab" --compiler clang > "$work/report"
    count $? "solutions/$name with clang: $(grep -E '^FAIL|SIGSYS' "$work/report" | head -3)"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
