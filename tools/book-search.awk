# book-search.awk: the words of the book's pages, section by section, for the search in book.js.
#
#   awk -f tools/book-search.awk WORDS PAGE.html ...
#
# Prints `book_index([[address, page's title, section's title, text, words that it explains], ...]);`. A section begins
# at a heading's anchor. WORDS is what book-words.awk prints.

function unescape(text) {
    gsub(/<[^>]*>/, "", text)
    gsub(/&lt;/, "<", text)
    gsub(/&gt;/, ">", text)
    gsub(/&quot;/, "\"", text)
    gsub(/&#39;/, "'", text)
    gsub(/&#160;|&nbsp;|&emsp;/, " ", text)
    gsub(/&[lr]squo;/, "'", text)
    gsub(/&[mn]dash;/, "-", text)
    gsub(/&amp;/, "\\&", text)
    return text
}

function quote(text) {
    gsub(/[[:space:]]+/, " ", text)
    sub(/^ /, "", text)
    sub(/ $/, "", text)
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return "\"" text "\""
}

function end_section() {
    if (page != "" && (text ~ /[^[:space:]]/ || section != ""))
        printf "%s[%s,%s,%s,%s,%s]", count++ ? ",\n" : "", quote(place()), quote(title), quote(section), quote(text), quote(words[place()])
    text = section = anchor = ""
}

function place() { return page (anchor == "" ? "" : "#" anchor) }

BEGIN { print "book_index([" }

NR == FNR {
    words[$2] = words[$2] " " $1
    next
}

FNR == 1 {
    end_section()
    count_of_path = split(FILENAME, path, "/")
    page = path[count_of_path]
    title = ""
    inside = 0
}

/<div class="title">/ && title == "" {
    title = $0
    sub(/.*<div class="title">/, "", title)
    sub(/<\/div>.*/, "", title)
    title = unescape(title)
    sub(/ +$/, "", title)
}
/<div class="contents">/ { inside = 1 }
/<!-- contents -->/ { inside = 0 }
!inside { next }
# A drawing's labels are no text.
/<svg/ { drawing = 1 }
/<\/svg>/ { drawing = 0; next }
drawing { next }

# A heading: its anchor on one line, its text on the next.
/^<h[1-6][^>]*><a class="anchor" id="[^"]*"><\/a>/ {
    end_section()
    anchor = $0
    sub(/.*<a class="anchor" id="/, "", anchor)
    sub(/".*/, "", anchor)
    rest = $0
    sub(/^<h[1-6][^>]*><a class="anchor" id="[^"]*"><\/a>/, "", rest)
    heading = 1
    $0 = rest
    if (rest !~ /[^[:space:]]/)
        next
}
heading {
    section = unescape($0)
    heading = 0
    next
}
# Line numbers of a source are no words of it.
{
    gsub(/<span class="lineno">[^<]*<\/span>/, "")
    text = text " " unescape($0)
    # One entry for each part of a long source: a finding is then near its line.
    if (page ~ /_source\.html$/ && match($0, /id="l[0-9]+"/)) {
        if (++lines % 40 == 0) {
            line = substr($0, RSTART + 4, RLENGTH - 5)
            end_section()
            anchor = line
        }
    }
}

END {
    end_section()
    print "\n]);"
}
