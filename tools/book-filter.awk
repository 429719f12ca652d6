# book-filter.awk: a page of Markdown as Doxygen 1.9 needs it; line numbers stay.
#
# Doxygen ends `code` at a single quote in it: `printf 'x'` comes out as text with a stray mark. With two
# backticks at each end it does not. And `**` before code is no bold to it; <b> is.

/^    / || /^\t/ { print; next }
/^```/ { fenced = !fenced }
fenced { print; next }

{
    line = $0
    done = ""
    while (match(line, /`+[^`]+`+/)) {
        span = substr(line, RSTART, RLENGTH)
        done = done substr(line, 1, RSTART - 1)
        line = substr(line, RSTART + RLENGTH)
        if (span ~ /'/ && span !~ /^``/)
            span = "`" span "`"
        done = done span
    }
    text = done line
    while (match(text, /\*\*[^*]*`[^*]*\*\*/))
        text = substr(text, 1, RSTART - 1) "<b>" substr(text, RSTART + 2, RLENGTH - 4) "</b>" substr(text, RSTART + RLENGTH)
    print text
}
