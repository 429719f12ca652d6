# book-tags.awk: which words of the C sources lead to which place of the book, as a Doxygen tag file.
#
#   awk -f tools/book-tags.awk handouts/appendix-calls.md handouts/appendix-errors.md
#
# A word is given by a row of a table that begins `| [word](@ref anchor)`, or by a heading `## EINTR {#errors-eintr}`.
# What stands before an anchor's first `-` is the page that it is on. Capitals are macros, everything else is a function.

function escape(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    return text
}

function tag(word, anchor,    page, kind) {
    page = anchor
    sub(/-.*/, "", page)
    kind = word ~ /^[A-Z0-9_]+$/ ? "define" : "function"
    print "<member kind=\"" kind "\">"
    print kind == "define" ? "<type>#define</type>" : "<type>int</type>"
    print "<name>" escape(word) "</name>"
    print "<anchorfile>" page ".html</anchorfile>"
    print "<anchor>" anchor "</anchor>"
    print "<arglist>" (kind == "define" ? "" : "()") "</arglist>"
    print "</member>"
}

BEGIN {
    print "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>"
    print "<tagfile><compound kind=\"file\"><name>calls</name><path>/</path><filename>calls.html</filename>"
}

/^\| \[[A-Za-z0-9_]+\]\(@ref [a-z0-9-]+\)/ {
    word = $0
    sub(/^\| \[/, "", word)
    anchor = word
    sub(/\].*/, "", word)
    sub(/^[^(]*\(@ref /, "", anchor)
    sub(/\).*/, "", anchor)
    tag(word, anchor)
}

/^## E[A-Z0-9, E]+ \{#errors-/ {
    anchor = $0
    sub(/.*\{#/, "", anchor)
    sub(/\}.*/, "", anchor)
    words = $0
    sub(/^## /, "", words)
    sub(/ *\{.*/, "", words)
    n = split(words, each, /, /)
    for (i = 1; i <= n; i++)
        tag(each[i], anchor)
}

END { print "</compound></tagfile>" }
