#!/bin/sh
# samples.sh: writes gcc.txt and clang.txt into each folder here: what the compiler of that name says of the
# folder's C files, with the grader's own flags (grader/build/plan.c). tests/unit/test_build.c reads them.
# To be run by hand, when another version of a compiler is to be understood.
set -eu
cd "$(dirname "$0")"
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/src"
# Stands for a file that a submission has no business to show.
printf 'root:SECRET:0:0\ndaemon:SECRET:1:1\nbin:SECRET:2:2\n' > "$work/elsewhere.txt"

common="-std=gnu11 -g -O0 -fno-omit-frame-pointer -fno-pie -no-pie -pipe -Wl,-z,now -Wall -Wextra"
for folder in */; do
    rm -f "$work/src/"*
    cp "$folder"*.[ch] "$work/src"
    cd "$work/src"
    for compiler in gcc clang; do
        case $compiler in
            gcc) flags="-fdiagnostics-color=never -fmax-errors=20" ;;
            clang) flags="-fno-color-diagnostics -ferror-limit=20" ;;
        esac
        # Flags are words.
        # shellcheck disable=SC2086
        LC_ALL=C "$compiler" $common $flags -o ../program -x c ./*.c > ../said 2>&1 || :
        sed "s|$work/src|/lab/src|g; s|/tmp/[A-Za-z0-9_-]*\.o|/tmp/object.o|g" ../said > "$here/$folder$compiler.txt"
    done
    cd "$here"
done
