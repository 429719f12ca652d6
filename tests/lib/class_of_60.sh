#!/bin/sh
# class_of_60.sh OUT: a class of 60 for lab 04, made of the solution, right programs in unusual styles, the zoo, hostile submissions and all
# that can go wrong with a hand-in, as make_class.sh packs it. For looking at what `socklab class` makes of a whole class:
#
#   tests/lib/class_of_60.sh /tmp/60 && build/socklab class 4 /tmp/60/canvas.zip -o /tmp/60/out --roster /tmp/60/roster.csv
set -eu

cd "$(dirname "$0")/../.."
solution=solutions/04-accept

# take COUNT FOLDER: the first COUNT folders in it that hold a program, as `files:` each.
take() {
    find "$2" -mindepth 2 -maxdepth 2 -name hello_server.c | LC_ALL=C sort | head -n "$1" | sed 's|/[^/]*$||; s|^|files:|'
}

{
    for _ in 1 2 3 4 5 6 7 8; do echo files:$solution; done
    echo late:$solution; echo again:$solution; echo zip:$solution; echo renamed:$solution
    echo two:$solution; echo broken:$solution; echo pdf:none; echo nothing:none; echo nothing:none
    echo late:tests/zoo/04-accept/crlf; echo zip:tests/zoo/04-accept/missing-semicolon
    take 8 tests/right/04-accept
    take 24 tests/zoo/04-accept
    take 9 tests/hostile
} > "${TMPDIR:-/tmp}/class_of_60.$$"
# Folders' names have no blanks.
# shellcheck disable=SC2046
set -- "$1" $(cat "${TMPDIR:-/tmp}/class_of_60.$$")
rm -f "${TMPDIR:-/tmp}/class_of_60.$$"
[ $# -eq 61 ] || { echo "class_of_60.sh: $(($# - 1)) students" >&2; exit 1; }
exec tests/lib/make_class.sh "$@"
