#!/bin/sh
# fuzz.sh: each parser of strangers' bytes on its committed corpus, without libFuzzer: what once brought one down does so no more,
# and what its header promises holds (tests/fuzz/fuzz.h). The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1
build=${SOCKLAB_BUILD:-build}
export LC_ALL=C.UTF-8
passed=0 failed=0

fail() {
    echo "not ok - $1"
    failed=$((failed + 1))
}

# run NAME FILE...: all in one process; when that does not end well, one after the other, to name those that are to blame.
run() {
    name=$1
    shift
    if "$build/fuzz/$name" "$@" > /dev/null 2>&1; then
        echo "ok - $name: $# inputs"
        passed=$((passed + $#))
        return
    fi
    for file; do
        if "$build/fuzz/$name" "$file" > /dev/null 2>&1; then
            passed=$((passed + 1))
        else
            fail "$name comes down on $file:"
            "$build/fuzz/$name" "$file" 2>&1 | tail -n 20 | sed 's/^/#   /'
        fi
    done
}

for target in tests/fuzz/fuzz_*.c; do
    name=${target##*/fuzz_}
    name=${name%.c}
    corpus=tests/fuzz/corpus/$name
    if ! [ -x "$build/fuzz/$name" ]; then
        fail "$name is not built: make tests"
        continue
    fi
    set -- "$corpus"/*
    [ -f "$1" ] || { fail "$name has no corpus"; continue; }
    # Small enough to be read, and to be run in every `make check`.
    size=$(cat "$@" | wc -c)
    if [ $# -gt 30 ] || [ "$size" -gt 102400 ]; then
        fail "$name: a corpus of $# files and $size bytes; at most 30 and 102400"
    fi
    run "$name" "$@"
done
for corpus in tests/fuzz/corpus/*; do
    [ -f "tests/fuzz/fuzz_${corpus##*/}.c" ] || fail "$corpus belongs to no target"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
