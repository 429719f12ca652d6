#!/bin/sh
# dist.sh OUT MACHINE BUILD FILE...: packs the two kits, OUT/socklab-VERSION-students.tar.gz and -instructors.tar.gz.
#
# `make dist` calls it: FILEs are what was compiled from solutions for students, in the folder BUILD, for MACHINE. The
# instructors' kit is what git tracks; in an unpacked one, which has no git, what its MANIFEST lists. The students' kit
# has of that only what is named below, the instructors' sections cut from its texts, and the FILEs, in prebuilt/MACHINE.
#
# The same files give the same bytes, wherever, whenever and by whomever they are packed. All times in the archives are
# SOURCE_DATE_EPOCH, or else the last commit's, which the MANIFEST hands on. An archive is replaced only by a whole one.
set -eu

[ $# -gt 3 ] || { echo "usage: $0 OUT MACHINE BUILD FILE..." >&2; exit 2; }
cd "$(dirname "$0")/.."
mkdir -p "$1"
out=$(CDPATH='' cd -- "$1" && pwd) machine=$2 build=$3
shift 3

export LC_ALL=C
unset TAR_OPTIONS GZIP
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

die() {
    echo "dist.sh: $1" >&2
    exit 1
}

version=$(sed -n 's/^#define SOCKLAB_VERSION "\(.*\)"$/\1/p' grader/command/command.h)
[ -n "$version" ] || die "grader/command/command.h names no SOCKLAB_VERSION"

# --- what belongs to the kits, and of what day it is ---------------------------------------------------

time=0
if [ -e .git ]; then
    # The folder may be somebody else's (a mount in a container); its Makefile runs anyway.
    git() { command git -c safe.directory="$PWD" -c core.quotePath=off "$@"; }
    git ls-files > "$work/tracked"
    time=$(git log -1 --format=%ct 2> /dev/null) || time=0
elif [ -f MANIFEST ]; then
    time=$(sed -n '1s/^# time //p' MANIFEST)
    sed 1d MANIFEST > "$work/tracked"
else
    die "neither .git nor MANIFEST is here to say what belongs to a kit"
fi
time=${SOURCE_DATE_EPOCH:-$time}
case $time in '' | *[!0-9]*) die "'$time' is no time in seconds since 1970" ;; esac
grep -vx MANIFEST "$work/tracked" | sort > "$work/files"

# A lab that was forgotten would be missed by the students first.
find labs solutions handouts grader tools tests -type f \( -name '*.[ch]' -o -name '*.md' -o -name '*.sh' \) | sort |
    comm -23 - "$work/files" | while read -r file; do
    if [ -e .git ]; then
        echo "dist.sh: left out, as git does not track it: $file" >&2
    else
        echo "dist.sh: left out, as MANIFEST does not list it: $file" >&2
    fi
done

# --- the instructors' ------------------------------------------------------------------------------------

# pack NAME: $work/NAME as $out/NAME.tar.gz
pack() {
    tar --create --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
        --mtime="@$time" --file="$work/$1.tar" --directory="$work" "$1"
    gzip -9 -n "$work/$1.tar"
    mv "$work/$1.tar.gz" "$out/.$1.$$"
    mv "$out/.$1.$$" "$out/$1.tar.gz"
    echo "$out/$1.tar.gz"
}

all=socklab-$version-instructors
mkdir "$work/$all"
tar --create --file="$work/files.tar" --files-from="$work/files"
tar --extract --file="$work/files.tar" --directory="$work/$all"
{ echo "# time $time"; cat "$work/files"; } > "$work/$all/MANIFEST"

# --- the students' ---------------------------------------------------------------------------------------

kit=socklab-$version-students
while read -r file; do
    # What is not named here stays with the instructors.
    case $file in
        handouts/instructors.md | tools/instructors.mk) continue ;;
        Makefile | README.md | LICENSE | setup.sh | packages.txt | Doxyfile | .gitignore | .clang-*) ;;
        labs/* | handouts/* | grader/* | tools/book*) ;;
        *) continue ;;
    esac
    mkdir -p "$work/$kit/$(dirname "$file")"
    case $file in
        README.md | handouts/*.md) awk -f tools/students.awk "$work/$all/$file" > "$work/$kit/$file" ;;
        *) cp -p "$work/$all/$file" "$work/$kit/$file" ;;
    esac
done < "$work/files"

for made in "$@"; do
    mkdir -p "$work/$kit/prebuilt/$machine/$(dirname "$made")"
    cp -p "$build/$made" "$work/$kit/prebuilt/$machine/$made"
done

pack "$kit"
pack "$all"
