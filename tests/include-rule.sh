#!/bin/sh
# include-rule.sh [ROOT]: who may include whom in grader/, who touches libdw, who writes registers, how long files get.
#
#   core <- build sandbox tracer peer <- check <- labs <- command <- main;  report includes only core;  class core, check, labs and report;
#   doctor core and sandbox;  command includes what subcommands call: class, doctor and report too
#
# A folder is entered through its public header FOLDER/FOLDER.h, or one which that header names as FOLDER/NAME.h. Siblings never
# include each other. A file of more than 400 lines is remarked on, one of more than 500 fails.
# Before it judges grader/, it judges a small tree with one breach of each rule, and must see them all.
# The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1

# breaches ROOT: a line for each breach, "RULE FILE: what"; the rules are named in $rules.
breaches() {
    # grader/kit is no part of the grader: it is compiled into submissions.
    (cd "$1" && find grader -path grader/kit -prune -o \( -name "*.c" -o -name "*.h" \) -type f -print | sort) > "$work/files"
    while read -r file; do
        grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' "$1/$file" |
            sed -E 's/^([0-9]+):[^"<]*(["<][^">]*).*/\1 \2/' |
            while read -r line what; do printf '%s %s %s\n' "$file" "$line" "$what"; done
    done < "$work/files" > "$work/includes"

    awk -v root="$1" '
        BEGIN {
            floor = "core"; middle = "core build sandbox tracer peer"
            may["core"] = floor; may["report"] = floor
            may["build"] = may["sandbox"] = may["tracer"] = may["peer"] = floor
            may["check"] = middle; may["labs"] = middle " check"; may["doctor"] = "core sandbox"
            may["class"] = "core check labs report"; may["command"] = middle " check labs report doctor class"
            may["main.c"] = "core command"
        }
        # Is HEADER named in the table of contents of its folder?
        function is_public(folder, header,    path, text) {
            if (header == folder "/" folder ".h") return 1
            path = root "/grader/" folder "/" folder ".h"
            if (!(folder in contents)) {
                contents[folder] = ""
                while ((getline text < path) > 0) contents[folder] = contents[folder] "\n" text
                close(path)
            }
            return index(contents[folder], header) > 0
        }
        $3 ~ /^"/ {
            split($1, part, "/"); from = part[2]; header = substr($3, 2)
            at = $1 ":" $2 ": "
            if (header !~ /^[a-z]+\/[a-z0-9_]+\.h$/) { print "relative", at header " is not FOLDER/NAME.h"; next }
            to = substr(header, 1, index(header, "/") - 1)
            if (to == from) next
            if (!(from in may)) { print "layer", at from " has no place in the layout"; next }
            if (index(" " may[from] " ", " " to " ") == 0) print "layer", at from " may not include " to
            else if (!is_public(to, header)) print "public", at header " is not public (" to "/" to ".h does not name it)"
        }' "$work/includes"

    awk '$3 ~ /^<(elfutils\/|dwarf\.h|libelf\.h|gelf\.h|libdw\.h|libdwfl\.h)/ { print $1 }' "$work/includes" | sort -u > "$work/dwarf"
    several dwarf "$work/dwarf" "includes elfutils"
    (cd "$1" && grep -lEr --include='*.[ch]' 'PTRACE_(SETREGS|SETREGSET|POKEUSER|SETFPREGS|SET_SYSCALL)' grader) | sort > "$work/regs"
    several registers "$work/regs" "writes registers"
    grep -v '^grader/tracer/arch' "$work/regs" | sed 's/$/: writes registers outside grader\/tracer\/arch/; s/^/registers /'

    while read -r file; do
        lines=$(wc -l < "$1/$file")
        [ "$lines" -le 500 ] || echo "length $file: $lines lines"
    done < "$work/files"
}

# several RULE LIST WHAT: a breach for each file of a list that should hold one at most.
several() {
    [ "$(wc -l < "$2")" -le 1 ] || sed "s/^/$1 /; s/\$/: one file of several that $3/" "$2"
}

rules="relative layer public dwarf registers length"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0 failed=0

say() { # WORD TEXT
    echo "$1 - $2"
    case $1 in ok) passed=$((passed + 1)) ;; *) failed=$((failed + 1)) ;; esac
}

# A tree with one breach of each rule: a rule that does not see its own would prove nothing below.
tree=$work/tree
mkdir -p "$tree/grader/core" "$tree/grader/peer" "$tree/grader/tracer"
cat > "$tree/grader/core/core.h" <<'END'
#include "peer/peer.h"
/* names core/public.h */
END
echo > "$tree/grader/core/public.h"
echo > "$tree/grader/core/hidden.h"
cat > "$tree/grader/peer/peer.h" <<'END'
#include "core/public.h"
#include "core/hidden.h"
#include "dial.h"
END
printf '%s\n' '#include <elfutils/libdw.h>' 'x = PTRACE_SETREGSET;' > "$tree/grader/peer/lines.c"
printf '%s\n' '#include <libelf.h>' 'x = PTRACE_SETREGS;' > "$tree/grader/tracer/arch.c"
awk 'BEGIN { for (i = 0; i < 501; i++) print "" }' > "$tree/grader/tracer/long.c"
breaches "$tree" > "$work/sample"
cat > "$work/expected" <<'END'
dwarf grader/peer/lines.c: one file of several that includes elfutils
dwarf grader/tracer/arch.c: one file of several that includes elfutils
layer grader/core/core.h:1: core may not include peer
length grader/tracer/long.c: 501 lines
public grader/peer/peer.h:2: core/hidden.h is not public (core/core.h does not name it)
registers grader/peer/lines.c: one file of several that writes registers
registers grader/peer/lines.c: writes registers outside grader/tracer/arch
registers grader/tracer/arch.c: one file of several that writes registers
relative grader/peer/peer.h:3: dial.h is not FOLDER/NAME.h
END
sort "$work/sample" > "$work/sample.sorted"
if diff "$work/expected" "$work/sample.sorted" > "$work/diff"; then
    say ok "the rules see one breach of each"
else
    say "not ok" "the rules do not see the sample's breaches:"
    sed 's/^/#   /' "$work/diff"
fi

root=${1:-.}
breaches "$root" > "$work/found"
if ! [ -s "$work/files" ]; then
    say "not ok" "no source in $root/grader"
fi
for rule in $rules; do
    if grep -q "^$rule " "$work/found"; then
        say "not ok" "include rule: $rule"
        sed -n "s/^$rule /#   /p" "$work/found"
    else
        say ok "include rule: $rule"
    fi
done

# An empty list would keep the two rules above for want of anything to look at.
for list in dwarf regs; do
    if [ -s "$work/$list" ]; then
        say ok "one file is what the rule is about: $(cat "$work/$list")"
    else
        say "not ok" "nothing in grader/ for the rule '$list' to look at"
    fi
done

while read -r file; do
    lines=$(wc -l < "$root/$file")
    [ "$lines" -le 400 ] || echo "# long: $file has $lines lines"
done < "$work/files"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
