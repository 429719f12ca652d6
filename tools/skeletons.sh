#!/bin/sh
# skeletons.sh - generate the skeleton of every lab from its solution
#
#   tools/skeletons.sh [OUTDIR]        OUTDIR is labs/ of this repository if left out
#
# For each folder solutions/NN-name: a .c or .h file goes through skeleton.awk into OUTDIR/NN-name,
# so that a file without markers (a header, a test that is given) comes out as it went in. Anything
# else in that folder stays where it is. A header that the folder's KIT borrows from an earlier lab is
# given too; a borrowed .c file is not: the student has one, written in that lab. Files in OUTDIR that
# no solution stands for (a Makefile) are never touched.
#
# Exit status: 0 all generated; 1 a solution has bad markers, or a file can't be written (nothing
# already there is damaged: a skeleton takes its place only when it is whole); 2 wrong usage.
# One test calls this with a scratch folder and compares with labs/.

set -eu

if [ $# -gt 1 ]; then
    echo "usage: $0 [OUTDIR]" >&2
    exit 2
fi

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
out=${1:-$root/labs}
partial=

# An interrupted or failed run leaves no half-written file behind.
trap '[ -z "$partial" ] || rm -f -- "$partial"' EXIT
trap 'exit 1' HUP INT TERM

# generate LAB SOURCE: SOURCE, relative to the root, becomes OUTDIR/LAB/its name, or status becomes 1.
generate() {
    file=$(basename -- "$2")
    mkdir -p -- "$out/$1"
    partial=$out/$1/.$file.$$

    # Named relative to the root, so that a complaint reads solutions/...:LINE: wherever it runs.
    if ! (cd "$root" && awk -f tools/skeleton.awk "$2") > "$partial"; then
        rm -f -- "$partial"
        status=1
        return
    fi

    # An unchanged file keeps its time, and make has nothing to build again.
    if cmp -s -- "$partial" "$out/$1/$file"; then
        rm -f -- "$partial"
    else
        mv -f -- "$partial" "$out/$1/$file"
    fi
}

status=0
found=0
for source in "$root"/solutions/[0-9][0-9]-*/*.[ch]; do
    [ -f "$source" ] || continue
    found=1
    generate "$(basename -- "$(dirname -- "$source")")" "${source#"$root"/}"
done
for kit in "$root"/solutions/[0-9][0-9]-*/KIT; do
    [ -f "$kit" ] || continue
    while read -r source; do
        case $source in
        *.h) generate "$(basename -- "$(dirname -- "$kit")")" "solutions/$source" ;;
        esac
    done < "$kit"
done
partial=

if [ "$found" -eq 0 ]; then
    echo "$0: no solution in $root/solutions" >&2
    exit 1
fi
exit "$status"
