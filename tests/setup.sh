#!/bin/sh
# setup.sh: what ../setup.sh would do, seen through stand-ins for dpkg-query, apt-get, sudo and id: nothing is installed.
# The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0 failed=0

mkdir "$work/bin"
stand_in() { # NAME SCRIPT
    printf '#!/bin/sh\n%s\n' "$2" > "$work/bin/$1"
    chmod +x "$work/bin/$1"
}
stand_in dpkg-query 'for package; do :; done
case " $HAVE " in *" all "* | *" $package "*) printf "install ok installed" ;; *" half-$package "*) printf "deinstall ok config-files" ;; *) exit 1 ;; esac'
stand_in apt-get "echo \"apt-get \$DEBIAN_FRONTEND \$*\" >> '$work/calls'"
stand_in sudo "echo sudo >> '$work/calls'; exec \"\$@\""
stand_in id 'echo "$USERID"'

# run HAVE USERID ARG...: setup.sh where the packages HAVE are installed; $work/out, $work/calls, $status.
run() {
    : > "$work/calls"
    have=$1 userid=$2
    shift 2
    HAVE=$have USERID=$userid PATH="$work/bin:$PATH" ./setup.sh "$@" > "$work/out" 2>&1 < /dev/null
    status=$?
}

expect() { # TITLE CONDITION...
    title=$1
    shift
    if "$@"; then
        echo "ok - $title"
        passed=$((passed + 1))
    else
        echo "not ok - $title (status $status)"
        sed 's/^/#   /' "$work/out" "$work/calls"
        failed=$((failed + 1))
    fi
}

says() { grep -q "$1" "$work/out"; }
called() { grep -qE "$1" "$work/calls"; }
quiet() { [ "$status" -eq 0 ] && ! [ -s "$work/calls" ]; }

case $(. /etc/os-release 2>/dev/null && echo " ${ID:-} ${ID_LIKE:-} ") in
    *" debian "* | *" ubuntu "*) ;;
    *)
        run "" 0
        expect "elsewhere than on Debian it names the packages and installs nothing" says '^  libseccomp-dev$'
        expect "and ends with status 1" [ "$status" -eq 1 ]
        echo "$passed passed, $failed failed"
        [ "$failed" -eq 0 ]
        exit
        ;;
esac

run all 0
expect "with everything there, apt-get is not called" quiet
run "" 0 --list
expect "--list installs nothing" quiet
expect "--list names what is missing" says '^libseccomp-dev$'
expect "what is for developers is not asked for" eval '! says "^clang-tidy$"'
run "" 0 --dev --list
expect "--dev asks for it" says '^clang-tidy$'
expect "and not for the browser" eval '! says "^chromium$"'
run "" 0 --browser --list
expect "--browser asks for the browser, and for nothing else more" eval 'says "^chromium$" && ! says "^clang-tidy$"'

run "$(awk '{ sub(/#.*/, "") } NF == 1 && $1 != "strace" { print $1 }' packages.txt | tr '\n' ' ')half-strace" 0
expect "only what is missing is installed; a package removed but configured is missing" \
    called '^apt-get noninteractive install .*--no-install-recommends strace$'
expect "the list of packages is refreshed first" eval 'head -n 1 "$work/calls" | grep -q "^apt-get noninteractive update"'
expect "it says what it installs" says 'installing: strace$'
expect "root needs no sudo" eval '! called sudo'

run "" 1000
expect "an ordinary user's way is sudo, and it says so" eval 'called "^sudo$" && says "installing with sudo: "'
run all 0 --nonsense
expect "an unknown option is wrong usage" [ "$status" -eq 2 ]

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
