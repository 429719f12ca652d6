# students.awk: a page without what only instructors are to read (tools/dist.sh)
#
# In a handout that is what stands from a line `\if instructor` to `\endif`, which Doxygen leaves out of the students'
# book too; in README.md from `<!-- instructors: begins -->` to `<!-- instructors: ends -->`. A section in a section, or
# one without an end, is an error: status 1.

function complain(line, text)
{
    print FILENAME ":" line ": " text | "cat 1>&2"
    close("cat 1>&2")
    failed = 1
    exit 1
}

$0 == "\\if instructor" || $0 == "<!-- instructors: begins -->" {
    if (begun)
        complain(FNR, "inside the instructors' section of line " begun)
    begun = FNR
    end = /^<!--/ ? "<!-- instructors: ends -->" : "\\endif"
    next
}

begun && $0 == end { begun = 0; next }

# Anything else of the kind would end the wrong section.
/^\\if|^\\else|^<!-- instructors/ {
    complain(FNR, "neither a beginning nor an end of an instructors' section")
}

!begun

END {
    if (!failed && begun)
        complain(begun, "an instructors' section without an end")
    exit failed
}
