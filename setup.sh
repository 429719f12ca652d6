#!/bin/sh
# setup.sh [--dev] [--browser] [--list]: installs what packages.txt names and this machine lacks.
#
# Debian and Ubuntu only; elsewhere it names the packages and ends with status 1. Uses sudo when not root, after
# saying what it will install. --dev adds the packages marked dev, --browser those marked browser; --list only says what is missing.
set -eu

cd "$(dirname "$0")"

groups= list=no
for option in "$@"; do
    case $option in
        --dev | --browser) groups="$groups ${option#--}" ;;
        --list) list=yes ;;
        *) echo "usage: ./setup.sh [--dev] [--browser] [--list]" >&2; exit 2 ;;
    esac
done

wanted=$(awk -v groups="$groups " '{ sub(/#.*/, "") }
    NF == 1 || (NF == 2 && index(groups, " " $2 " ")) { print $1 }
    NF > 2 || (NF == 2 && $2 !~ /^(dev|browser)$/) { print "setup.sh: packages.txt:" NR ": not a package a line" > "/dev/stderr"; exit 1 }' packages.txt)

# ID_LIKE is "debian" or "ubuntu debian" on what descends from them.
system=$(. /etc/os-release 2>/dev/null && echo "${ID:-} ${ID_LIKE:-}") || system=
case " $system " in
    *" debian "* | *" ubuntu "*) ;;
    *)
        echo "setup.sh: this is neither Debian nor Ubuntu (${system:-no /etc/os-release}), so nothing was installed." >&2
        echo "Install these by hand, under the names that your system has for them:" >&2
        printf '  %s\n' $wanted >&2
        exit 1
        ;;
esac

missing=
for package in $wanted; do
    # "install ok installed"; a package that was removed but not purged says "deinstall ok config-files".
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
        *" ok installed") ;;
        *) missing="$missing $package" ;;
    esac
done

if [ -z "$missing" ]; then
    echo "setup.sh: everything in packages.txt is installed."
    exit 0
fi
if [ "$list" = yes ]; then
    printf '%s\n' $missing
    exit 0
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup.sh: not root, and sudo is not here. Run as root: apt-get install$missing" >&2
        exit 1
    fi
    as_root=sudo
fi

echo "setup.sh: installing${as_root:+ with sudo}:$missing"
# env: sudo does not hand the environment on. No recommended packages: packages.txt says all.
$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
echo "setup.sh: done."
