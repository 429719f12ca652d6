#!/bin/sh
# book.sh instructor|student OUT: the handouts as one book, in OUT/index.html and the files beside it.
#
# Both editions come from handouts/. The instructors' has the solutions in it, as sections of the chapters and as source
# with its calls linked to where the book explains them; the students' is made without reading them. Doxygen's
# warnings are errors. What was in OUT is replaced when, and only when, the book is whole.
set -eu

[ $# -eq 2 ] || { echo "usage: $0 instructor|student OUT" >&2; exit 2; }
edition=$1 out=$2
case $edition in instructor | student) ;; *) echo "$0: no edition '$edition'" >&2; exit 2 ;; esac

export LC_ALL=C.UTF-8
case $out in /*) ;; *) out=$PWD/$out ;; esac
cd "$(dirname "$0")/.."
tools=$PWD/tools
for tool in doxygen dot; do
    command -v $tool > /dev/null || { echo "$0: $tool is not here; ./setup.sh installs it" >&2; exit 1; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

pages="handouts/index.md $(echo handouts/[0-9][0-9]-*.md) handouts/appendix-calls.md handouts/appendix-errors.md
    handouts/appendix-tools.md handouts/glossary.md"
sources=
settings="EXCLUDE = handouts/instructors.md"
if [ "$edition" = instructor ]; then
    pages="$pages handouts/instructors.md"
    for file in solutions/[0-9][0-9]-*/*.[ch]; do
        case $file in */test_*.c) ;; *) sources="$sources $file" ;; esac
    done
    # Handouts quote the solutions: \snippet 04-accept/hello_server.c bind. What a solution has for its skeleton alone
    # (tools/skeleton.awk) may name a part too, and is not quoted.
    for file in $sources; do
        mkdir -p "$work/examples/$(basename "$(dirname "$file")")"
        sed "/@skeleton/d" "$file" > "$work/examples/${file#solutions/}"
    done
    settings="INPUT += solutions
EXAMPLE_PATH = $work/examples
EXAMPLE_RECURSIVE = YES
ENABLED_SECTIONS = instructor"
fi

# shellcheck disable=SC2086
awk -v edition="$edition" -f tools/book-nav.awk $pages $sources > "$work/navigation"
sed -e "/@NAVIGATION@/{r $work/navigation" -e 'd;}' handouts/header.html > "$work/header.html"
awk -f tools/book-words.awk handouts/appendix-calls.md handouts/appendix-errors.md > "$work/words"
cat handouts/Doxyfile - > "$work/Doxyfile" <<EOF
OUTPUT_DIRECTORY = $work
HTML_HEADER = $work/header.html
FILTER_PATTERNS = "*.md=awk -f tools/book-filter.awk"
$settings
EOF
doxygen "$work/Doxyfile"

cd "$work/html"
# Of Doxygen's own look and scripts nothing is used.
rm -f ./*.png ./*.js.bak doxygen.css doxygen.svg tabs.css jquery.js dynsections.js menu.js menudata.js ./*.md5 pages.html dir_*.html
for page in *.html; do
    awk -f "$tools/book-page.awk" "$work/words" "$page" "$page" > "$page.new"
    mv "$page.new" "$page"
done
awk -f "$tools/book-search.awk" "$work/words" ./*.html > search.js

mkdir -p "$(dirname "$out")"
rm -rf "$out"
mv "$work/html" "$out"
