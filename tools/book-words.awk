# book-words.awk: which words of C lead to which place of the book: a line `WORD PAGE.html#ANCHOR` each.
#
#   awk -f tools/book-words.awk handouts/appendix-calls.md handouts/appendix-errors.md
#
# A word is given by a row of a table that begins `| [word](@ref anchor)`, or by a heading `## EINTR {#errors-eintr}`.
# What stands before an anchor's first `-` is the page that it is on.

function say(word, anchor,    page) {
    page = anchor
    sub(/-.*/, "", page)
    print word, page ".html#" anchor
}

/^\| \[[A-Za-z0-9_]+\]\(@ref [a-z0-9-]+\)/ {
    word = $0
    sub(/^\| \[/, "", word)
    anchor = word
    sub(/\].*/, "", word)
    sub(/^[^(]*\(@ref /, "", anchor)
    sub(/\).*/, "", anchor)
    say(word, anchor)
}

/^## E[A-Z0-9, ]+ \{#errors-/ {
    anchor = words = $0
    sub(/.*\{#/, "", anchor)
    sub(/\}.*/, "", anchor)
    sub(/^## /, "", words)
    sub(/ *\{.*/, "", words)
    n = split(words, each, /, /)
    for (i = 1; i <= n; i++)
        say(each[i], anchor)
}
