# skeleton.awk - make a skeleton out of an annotated solution
#
#   awk -f tools/skeleton.awk solutions/04-accept/hello_server.c > labs/04-accept/hello_server.c
#
# A solution is the one source. In it
#
#   //! [bind]              what stands between a pair of such lines is what the student writes: the
#   ...                     skeleton has one line in its place, indented as the first marker is:
#   //! [bind]              /* TODO(bind): write this step. */
#
#   @solution               a line whose only word this is, inside a comment (with or without a
#   ...                     leading asterisk): the lines from here to @endsolution, both included,
#   @endsolution            are for readers of the solution and are left out of the skeleton.
#
#   /* @skeleton code */    a line that holds nothing but this comment: the skeleton has the code in
#                           its place, the solution has not. For what keeps a compiler quiet about
#                           a parameter that only the missing part uses, and for little else.
#
# Everything else is kept as it is. The same name never marks two parts of one file, because
# Doxygen's \snippet finds a part by its name. A line that begins like a marker and is none, a part
# inside a part, a part that is closed by another name or never, are errors: one line FILE:LINE: on
# standard error, exit status 1. What was written up to then must be thrown away by the caller.
#
# POSIX awk only: mawk, gawk, busybox and the one true awk give the same.

function complain(line, text)
{
    printf "%s:%d: %s\n", FILENAME, line, text | "cat 1>&2"
    close("cat 1>&2")
    failed = 1
    exit 1
}

# The name between the brackets; complains when the line is not exactly a marker.
function marker_name(line)
{
    if (line !~ /^[ \t]*\/\/! \[[a-z0-9][a-z0-9_-]*\][ \t]*$/)
        complain(FNR, "not a marker: it must stand alone on its line, as //! [name]" \
                      " with a name of a-z, 0-9, - and _")
    sub(/^[^[]*\[/, "", line)
    sub(/\].*$/, "", line)
    return line
}

{
    bare = $0
    sub(/^[ \t]*\*?[ \t]*/, "", bare)
    sub(/[ \t]*$/, "", bare)
}

/\/\/! *\[/ {
    name = marker_name($0)
    if (section)
        complain(FNR, "marker [" name "] inside the @solution section of line " section)
    if (part == "") {
        if (name in seen)
            complain(FNR, "marker [" name "] was used before, in line " seen[name])
        seen[name] = FNR
        part = name
        indent = $0
        sub(/\/\/!.*$/, "", indent)
        print indent "/* TODO(" name "): write this step. */"
    } else if (name == part) {
        part = ""
    } else {
        complain(FNR, "marker [" name "] inside the part [" part "] of line " seen[part])
    }
    next
}

bare == "@solution" {
    if (part != "")
        complain(FNR, "@solution inside the part [" part "] of line " seen[part])
    if (section)
        complain(FNR, "@solution inside the @solution section of line " section)
    section = FNR
    next
}

bare == "@endsolution" {
    if (!section)
        complain(FNR, "@endsolution without @solution")
    section = 0
    next
}

# One line of code that only the skeleton has. Inside a part it would stand in handouts.
bare ~ /^\/\* @skeleton [^ ].* \*\/$/ {
    if (part != "")
        complain(FNR, "@skeleton inside the part [" part "] of line " seen[part])
    indent = $0
    sub(/[^ \t].*$/, "", indent)
    sub(/^\/\* @skeleton /, "", bare)
    sub(/ \*\/$/, "", bare)
    if (!section)
        print indent bare
    next
}

# A misspelt section would show the student what is meant for instructors.
bare ~ /@(end)?(solution|skeleton)/ {
    complain(FNR, "not a section: @solution, @endsolution stand alone on their lines," \
                  " /* @skeleton code */ too")
}

part == "" && !section { print }

END {
    if (failed)
        exit 1
    if (part != "")
        complain(seen[part], "marker [" part "] is never closed")
    if (section)
        complain(section, "@solution without @endsolution")
}
