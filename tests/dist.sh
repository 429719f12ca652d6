#!/bin/sh
# dist.sh: the archives of `make dist`: the same bytes from everywhere, no solution for students, and their kit works.
#
# The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1
root=$PWD
export LC_ALL=C
# `make check` calls this; the makes below are no parts of it.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES SOCKLAB_BUILD SOURCE_DATE_EPOCH DESTDIR PREFIX

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0 failed=0
: > "$work/out"

expect() { # TITLE CONDITION...
    title=$1
    shift
    if "$@"; then
        echo "ok - $title"
        passed=$((passed + 1))
    else
        echo "not ok - $title"
        tail -n 30 "$work/out" | sed 's/^/#   /'
        failed=$((failed + 1))
    fi
}

# run COMMAND...: its output in $work/out, its status in $status
run() {
    "$@" > "$work/out" 2>&1 < /dev/null
    status=$?
}

says() { grep -qF -- "$1" "$work/out"; }

# empty: nothing was found to complain of
empty() { [ ! -s "$work/out" ]; }

give_up() {
    echo "$passed passed, $((failed + 1)) failed"
    exit 1
}

# --- twice, from two folders -----------------------------------------------------------------------------

version=$(sed -n 's/^#define SOCKLAB_VERSION "\(.*\)"$/\1/p' grader/command/command.h)
students=socklab-$version-students
instructors=socklab-$version-instructors

run make -s dist DIST="$work/one"
expect "make dist makes both archives" [ -s "$work/one/$students.tar.gz" -a -s "$work/one/$instructors.tar.gz" ]
[ -s "$work/one/$instructors.tar.gz" ] || give_up

# Somebody else's folder, another mask, another zone, no git above it.
mkdir -p "$work/another folder"
tar -xzf "$work/one/$instructors.tar.gz" -C "$work/another folder"
expect "the instructors' kit unpacks into one folder of its name" [ -f "$work/another folder/$instructors/MANIFEST" ]
cd "$work/another folder/$instructors" || give_up
somebody=
if [ "$(id -u)" -eq 0 ]; then
    somebody="setpriv --reuid 65534 --regid 65534 --clear-groups"
    chmod 711 "$work"
    chown -R 65534:65534 "$work/another folder"
fi
# shellcheck disable=SC2016,SC2086
run $somebody env TZ=Asia/Kathmandu HOME=/ sh -c 'umask 077; make -s dist'
for kit in "$students" "$instructors"; do
    expect "$kit.tar.gz is the same, byte for byte, from the unpacked kit" \
        cmp -s "$work/one/$kit.tar.gz" "build/dist/$kit.tar.gz"
done
{ sed 1d MANIFEST; echo MANIFEST; } | sort > "$work/listed"
tar -tzf "$work/one/$instructors.tar.gz" | sed "s|^$instructors/||; /\/\$/d; /^\$/d" | sort | comm -3 - "$work/listed" > "$work/out"
expect "the instructors' kit holds what its MANIFEST says" empty

# shellcheck disable=SC2086
run $somebody env SOURCE_DATE_EPOCH=86400 make -s dist DIST="../dated"
TZ=UTC tar -tvzf "../dated/$students.tar.gz" | grep -v '^[-d]r[-rwx]*  *0/0 .* 1970-01-02 00:00 ' > "$work/out" 2>&1
expect "times are SOURCE_DATE_EPOCH where it is set, the owner is 0" [ -s "../dated/$students.tar.gz" -a ! -s "$work/out" ]

# shellcheck disable=SC2086
$somebody sed -i 1,2d MANIFEST
# shellcheck disable=SC2086
run $somebody make -s dist
expect "a time that is lost is an error" says "is no time in seconds"

cd "$root" || give_up

# --- no solution ---------------------------------------------------------------------------------------------

mkdir "$work/kit"
tar -xzf "$work/one/$students.tar.gz" -C "$work/kit"
cd "$work/kit/$students" || give_up

find . -name solutions -o -name tests -o -name zoo -o -name right -o -name MANIFEST -o -name 'instructors*' > "$work/out"
grep -rlE '^/\* (zoo|right): |@(end)?solution$|//! \[' . --include='*.[ch]' >> "$work/out"
expect "the students' kit has no folder and no file of the instructors'" empty

# The lines of each lab's solution that the lab's own skeleton has not. The skeletons of the other labs are searched like
# any file: a later lab must not give what an earlier one asks for. That the sources in labs/ are what is made of the
# solutions for students, tests/skeletons.sh holds.
trim() { cat "$@" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//'; }
for lab in "$root"/solutions/*/; do
    lab=$(basename "$lab")
    trim "$root/labs/$lab"/*.[ch] > "$work/given"
    trim "$root/solutions/$lab"/*.c |
        awk 'NR == FNR { given = given $0 "\n"; next } length >= 20 && !index(given, $0)' "$work/given" - | sort -u > "$work/of-lab"
    [ "$(wc -l < "$work/of-lab")" -ge 10 ] || echo "$lab: $(wc -l < "$work/of-lab") lines" >> "$work/few"
    cat "$work/of-lab"
done | sort -u > "$work/found"
cat "$work/few" > "$work/out" 2> /dev/null
expect "each solution has lines that its skeleton has not" [ -s "$work/found" -a ! -s "$work/out" ]

# Lines that any program has and that tell nothing of a solution: one lab's solution has them where its skeleton has not.
sort > "$work/anybodys" <<'ANYBODYS'
* @return 0, or -1 with errno
return EXIT_FAILURE;
return EXIT_SUCCESS;
sigemptyset(&action.sa_mask);
signal(SIGPIPE, SIG_IGN);
status = EXIT_FAILURE;
struct sigaction action;
ANYBODYS
comm -13 "$work/found" "$work/anybodys" > "$work/out"
expect "each line that is anybody's is needed" empty
comm -23 "$work/found" "$work/anybodys" > "$work/secret"
# leaks FOLDER: FILE: LINE
leaks() { (cd "$1" && grep -raFof "$work/secret" . | sed 's|^\./||; s/:/: /' | sort -u); }

# FILE: LINE, for lines that a file of the kit has for reasons of its own.
cat > "$work/allowed" <<'ALLOWED'
grader/core/address.c: char text[INET_ADDRSTRLEN];
grader/labs/04_accept.c: static const char greeting[] = "Hello World!\n";
grader/sandbox/launch.c: sigprocmask(SIG_SETMASK, &none, NULL);
grader/sandbox/run.c: while (wait(NULL) > 0 || errno == EINTR)
grader/sandbox/warden.c: closefrom(STDERR_FILENO + 1);
grader/sandbox/warden.c: signal(SIGCHLD, SIG_DFL);
grader/sandbox/warden.c: while (waitpid(-1, NULL, WNOHANG) > 0)
ALLOWED
leaks . | grep -vxFf "$work/allowed" > "$work/out"
expect "no line of a solution is in the students' kit: texts, programs, skeletons of other labs" empty
leaks . | grep -xFf - "$work/allowed" | sort | comm -13 - "$work/allowed" > "$work/out"
expect "the lines that are allowed are there" empty

# Names of sources and folders, and whatever tells a debugger about lines and variables.
find prebuilt -type f ! -name '*.h' > "$work/compiled"
expect "reference programs of each lab are there" \
    [ "$(cut -d/ -f4 < "$work/compiled" | sort -u | wc -l)" -ge "$(find "$root/solutions" -mindepth 1 -maxdepth 1 | wc -l)" ]
while read -r file; do
    strings -a "$file" | grep -E '[a-z0-9_]\.[chsi]$|solutions|/tmp/|/home/|/build' | sed "s|^|$file: |"
    readelf -SW "$file" | grep -oE '\.(z?debug|stab|gdb)[a-z_.]*|\.note\.gnu\.build-id' | sed "s|^|$file: |"
    readelf -sW "$file" | grep -wE 'FILE' | sed "s|^|$file: |"
    case $file in
        *.o) ;;
        *) readelf -SW "$file" | grep -o '\.symtab' | sed "s|^|$file: |" ;;
    esac
done < "$work/compiled" > "$work/out"
expect "what is compiled has no names of sources and nothing for a debugger" empty

# --- the students' kit works ----------------------------------------------------------------------------

run ./setup.sh --list
expect "setup.sh knows what the kit needs" [ "$status" -eq 0 ]

cat > "$work/other-cc" <<'OTHER'
#!/bin/sh
[ "$1" = -dumpmachine ] && echo vax-linux-gnu
OTHER
chmod +x "$work/other-cc"
run make reference CC="$work/other-cc"
expect "for another processor it says what is missing" eval '[ $status -ne 0 ] && says "Ask for a kit that was made on vax."'

# Not optimised: it is built to be tried, once.
set -- CFLAGS=-O0 PREFIX="$work/installed"
run make -s -j2 "$@"
expect "make builds it" [ "$status" -eq 0 -a -x build/socklab ]
run build/socklab --version
expect "it is the version that the archive is named for" says "socklab $version"

run make "$@" grade LAB=4
expect "make grade LAB=4 grades the skeleton: a report, and status 1" \
    eval 'says "/100" && says "FAIL  greets" && says "Error 1"'
run make -C labs/04-accept
expect "a skeleton is built in its folder" [ "$status" -eq 0 -a -x labs/04-accept/hello_server ]
run make -C labs/04-accept grade
expect "and graded there" eval 'says "/100" && says "Error 1"'
# Without an io.c the compiled one of the kit stands in, plain and sanitized.
run build/socklab grade 7 "$root/solutions/07-close"
expect "with what the kit lends, the solution of lab 07 has full marks" [ "$status" -eq 0 ]

run make "$@" help
for target in demo skeletons dist check zoo tests asan check-browser bench; do
    grep "^  $target " "$work/out" > "$work/listed" && cat "$work/listed"
    make -s "$target" > "$work/said" 2>&1 < /dev/null
    [ $? -eq 2 ] && grep -q "'$target' belongs to the instructors' kit" "$work/said" || echo "make $target:" "$(cat "$work/said")"
done > "$work/refused"
for target in all grade handouts install uninstall clean help; do
    grep -q "^  $target " "$work/out" || echo "make help lacks $target"
done >> "$work/refused"
mv "$work/refused" "$work/out"
expect "make help lists what there is; the rest says whose it is" empty

if command -v doxygen > /dev/null && command -v dot > /dev/null; then
    run make -s handouts
    expect "make handouts makes the students' book" [ "$status" -eq 0 -a -s build/handouts/student/html/index.html ]
    expect "and no other" [ ! -e build/handouts/html ]
    leaks build/handouts > "$work/out"
    expect "in which is no line of a solution" empty
    run make -s docs
    expect "make docs describes the grader" [ "$status" -eq 0 ]
fi

run make -s "$@" install
expect "make install installs" [ "$status" -eq 0 ]
mkdir "$work/elsewhere"
cp -R labs/04-accept labs/07-close "$work/elsewhere"
cd "$work/elsewhere" || give_up
run "$work/installed/bin/socklab" grade 7 07-close
expect "and what is installed grades" eval '[ $status -eq 1 ] && says "/100"'
leaks "$work/installed/share" > "$work/out"
expect "no line of a solution is installed" empty

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
