#!/bin/sh
# run.sh RUNS SECONDS [NAME...]: each parser under libFuzzer, one after the other, for RUNS runs and SECONDS at most. `make fuzz`
# builds what this runs.
#
# New inputs go to build-fuzz/corpus/NAME, where the next `make fuzz` goes on; the committed corpus is read, never written. An
# input that brings a parser down is kept as build-fuzz/crash/NAME-...: mend the parser, then keep the input in
# tests/fuzz/corpus/NAME. Status 0 if no parser came down, else 1; 2 for wrong usage.
set -u

cd "$(dirname "$0")/../.." || exit 1
build=${SOCKLAB_BUILD:-build-fuzz}

usage() {
    echo "usage: make fuzz [RUNS=n] [SECONDS=n] [ONLY=\"parser...\"]" >&2
    exit 2
}
[ $# -ge 2 ] || usage
case $1$2 in *[!0-9]* | "") usage ;; esac
runs=$1 seconds=$2
shift 2
[ $# -gt 0 ] || set -- "$build"/fuzz/*

down=0
for parser; do
    name=${parser##*/}
    if ! [ -x "$build/fuzz/$name" ]; then
        echo "make: there is no parser '$name'; there are:" "$(cd "$build/fuzz" && echo *)" >&2
        exit 2
    fi
    mkdir -p "$build/corpus/$name" "$build/crash"
    # A run longer than 10 s or with more than 1 GiB counts as a crash: nothing that a stranger writes may cost so much.
    nice "$build/fuzz/$name" -runs="$runs" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=65536 -verbosity=1 \
        -print_final_stats=1 -artifact_prefix="$build/crash/$name-" "$build/corpus/$name" "tests/fuzz/corpus/$name" \
        > "$build/crash/$name.log" 2>&1
    status=$?
    executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/crash/$name.log")
    covered=$(sed -n 's/.* cov: \([0-9]*\) ft: .*/\1/p' "$build/crash/$name.log" | tail -n 1)
    if [ $status -eq 0 ]; then
        echo "ok - $name: ${executed:-?} runs, ${covered:-?} branches covered"
    else
        echo "not ok - $name: status $status after ${executed:-?} runs"
        tail -n 40 "$build/crash/$name.log" | sed 's/^/#   /'
        down=1
    fi
done
exit $down
