#!/bin/sh
# check.sh [PICTURES]: the book in a real browser (make check-browser); PICTURES is a folder for pictures of some pages.
#
# Needs Debian's chromium and nodejs (./setup.sh --browser). The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/../.." || exit 1
site=${SOCKLAB_BUILD:-build}/handouts
missing=
for tool in "${CHROMIUM:-chromium}" node; do
    command -v "$tool" > /dev/null || missing="$missing $tool"
done
if [ -n "$missing" ]; then
    echo "not ok - not here:$missing; ./setup.sh --browser installs them"
    echo "0 passed, 1 failed"
    exit 1
fi
exec node tests/browser/check.js ${1:+--pictures "$1"} "$site/html" "$site/student/html"
