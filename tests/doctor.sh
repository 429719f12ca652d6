#!/bin/sh
# doctor.sh: socklab doctor on this machine as it is, and with one thing taken away at a time: each must be seen, and answered by
# what would help. (What no test can take away, another distribution or WSL, is tests/unit/test_doctor.c's business.)
#
# Things are taken away in a user and mount namespace of their own; where there is none, that is said and left out.
# The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1
unset SOCKLAB_TEST_REFUSE
export LC_ALL=C.UTF-8 NO_COLOR=1
. ./tests/lib/everybody.sh
. ./tests/lib/sandbox.sh
build=$PWD/${SOCKLAB_BUILD:-build}
socklab=$build/socklab

work=$(mktemp -d) || exit 1
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0 failed=0

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

# state ID: what text report $work/out says of a finding: ok, LESS or BROKEN.
state() { sed -n "s/^  \([A-Za-z]*\) *$1 .*/\1/p" "$work/out"; }
# section ID: what is said below it, in one line.
section() { awk -v id="$1" '/^  (ok|LESS|BROKEN) / { on = $2 == id } on' "$work/out" | tr -s ' \n' ' '; }
# expect ID STATE STATUS TEXT...: of the report in $work/out, which ended with $status.
expect() {
    id=$1
    [ "$(state "$id")" = "$2" ] || echo "$id is '$(state "$id")', not $2"
    case " $3 " in *" $status "*) ;; *) echo "status $status, not $3" ;; esac
    shift 3
    for text; do
        section "$id" | grep -qF -- "$text" || echo "$id: not said: $text"
    done
    [ ! -s "$work/err" ] || sed 's/^/stderr: /' "$work/err"
}

# --- as it is ------------------------------------------------------------------------------------

mkdir "$work/tmp" && chmod 777 "$work/tmp"
TMPDIR=$work/tmp "$socklab" doctor > "$work/out" 2> "$work/err" < /dev/null
status=$?
"$socklab" doctor --format json > "$work/json" 2>> "$work/err" < /dev/null
{
    [ $? -eq $status ] || echo "JSON has another status than text ($status)"
    [ -s "$work/err" ] && cat "$work/err"
    worst=0
    grep -q '^  LESS ' "$work/out" && worst=1
    grep -q '^  BROKEN ' "$work/out" && worst=3
    [ $worst = $status ] || echo "status $status, but the report says $worst"
    awk 'length > 100' "$work/out"
    find "$work/tmp" -mindepth 1
    for field in state sandbox machine protections unprotected findings; do
        "$build/tool/report" field $field "$work/json" > /dev/null || echo "no $field"
    done
} > "$work/said" 2>&1
verdict "the doctor says what its status says, in text and JSON, and leaves nothing" "$work/said"

# A grade on this machine says the same of its protections.
mkdir "$work/hand-in" && cp solutions/04-accept/hello_server.c "$work/hand-in"
"$socklab" grade 4 "$work/hand-in" --only greets --format json --output "$work/grade" < /dev/null > "$work/said" 2>&1
{
    "$build/tool/report" promised "$work/grade"
    for file in grade json; do
        sed -n '/^  "protections"/,/^  }/p' "$work/$file" > "$work/$file.walls"
    done
    [ -s "$work/json.walls" ] || echo "no protections in the doctor's JSON"
    cmp "$work/grade.walls" "$work/json.walls"
} >> "$work/said" 2>&1
verdict "a grade records the protections that the doctor sees" "$work/said"

: > "$work/said"
"$socklab" doctor --format xml > "$work/out" 2> "$work/err" < /dev/null
{ [ $? -eq 2 ] && grep -q -- '--format json' "$work/err"; } || echo "status or words" > "$work/said"
verdict "an unknown format is wrong usage" "$work/said"

# --- with something taken away -------------------------------------------------------------------

# without TITLE COMMANDS ID STATE STATUS TEXT...: in namespaces of its own, after COMMANDS.
without() {
    title=$1 commands=$2
    shift 2
    printf '%s\n' 'set -e' "$commands" 'set +e' "exec \"\$@\"" > "$work/script"
    unshare --user --map-root-user --mount sh "$work/script" "$socklab" doctor > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    expect "$@" > "$work/said"
    verdict "$title" "$work/said"
}

# hide FILE: what it leads to can no longer be executed.
hide() { echo "mount --bind /dev/null \"\$(readlink -f $1)\""; }

if unshare --user --map-root-user --mount true 2> /dev/null; then
    without "bubblewrap is missing" "$(hide /usr/bin/bwrap)" namespaces LESS 1 bubblewrap "not installed" \
        "apt-get install bubblewrap" "strangers' files"
    without "user.max_user_namespaces is 0" "echo 0 > /proc/sys/user/max_user_namespaces" namespaces LESS 1 \
        "sudo sysctl user.max_user_namespaces=" "--sandbox require"
    without "user.max_net_namespaces is 0" "echo 0 > /proc/sys/user/max_net_namespaces" namespaces LESS 1 \
        "sudo sysctl user.max_net_namespaces="
    without "the folder for temporary files is full" "mount -t tmpfs -o size=64k none '$work/tmp'; export TMPDIR='$work/tmp'" \
        temporary-files LESS 1 "No space left on device" "df -h $work/tmp" TMPDIR=
    without "gcc is missing" "$(hide /usr/bin/gcc)" gcc "$([ -x /usr/bin/clang ] && echo LESS || echo BROKEN)" "1 3" \
        "there is no /usr/bin/gcc" "install gcc"
    without "no compiler is there" "$(hide /usr/bin/gcc); [ ! -e /usr/bin/clang ] || $(hide /usr/bin/clang)" gcc BROKEN 3 \
        "there is no /usr/bin/gcc" "install gcc"
    without "a sanitizer's library is missing" "$(hide "$(gcc -print-file-name=libasan.so)")" gcc \
        "$([ -x /usr/bin/clang ] && echo LESS || echo BROKEN)" "1 3" "-fsanitize=address,undefined was not compiled"
else
    denied "with something taken away" "no user namespaces"
fi

# Who is traced cannot trace its children: strace -f has them.
if command -v strace > /dev/null && strace -f -o /dev/null true 2> /dev/null; then
    ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null "$socklab" doctor > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    expect tracing BROKEN 3 "the kernel refuses" "strace -f" > "$work/said"
    verdict "somebody else traces the programs" "$work/said"
else
    echo "ok - somebody else traces the programs # skip no strace"
fi

if [ "$(id -u)" -eq 0 ] && command -v setpriv > /dev/null && command -v prlimit > /dev/null; then
    everybodys "$build" "$work/everybody"
    setpriv --reuid 65533 --regid 65533 --clear-groups prlimit --nproc=200 "$work/everybody/build/socklab" doctor > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    expect processes LESS 1 RLIMIT_NPROC "ulimit -u" > "$work/said"
    verdict "an ordinary user with few processes" "$work/said"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
