# book-nav.awk: the book's contents, as HTML, from the headings of its pages in the order in which they are given.
#
#   awk -v edition=instructor|student -f tools/book-nav.awk handouts/index.md ... solutions/NN-name/FILE.c ...
#
# A page's name is the anchor of its first heading, as Doxygen has it; its sections are the headings
# `## Text {#anchor}`. What stands between \if instructor and \endif is only in the instructors' edition.
# A C file is a page under "Solutions".

function escape(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    gsub(/`/, "", text)
    return text
}

# The heading's anchor, "" when it has none; `heading` becomes its text.
function take_anchor(    anchor) {
    heading = $0
    sub(/^#+ +/, "", heading)
    if (heading !~ /\{#.*\}/)
        return ""
    anchor = heading
    sub(/.*\{#/, "", anchor)
    sub(/\}.*/, "", anchor)
    sub(/ *\{#.*/, "", heading)
    return anchor
}

function end_page() {
    if (link == "")
        return
    if (sections == "")
        print "<li>" link "</li>"
    else
        print "<li><details><summary>" link "</summary><ul>\n" sections "</ul></details></li>"
    link = sections = ""
}

function begin_group(name) {
    end_page()
    if (name == group)
        return
    if (group != "")
        print "</ul>"
    group = name
    if (name != "Start")
        print "<p>" name "</p>"
    print "<ul>"
}

# Doxygen's name for the page that shows a file's source.
function source_page(file) {
    gsub(/_/, "__", file)
    gsub(/\./, "_8", file)
    return file "_source.html"
}

FNR == 1 {
    hidden = fenced = 0
    count = split(FILENAME, part, "/")
    name = part[count]
    is_source = name ~ /\.[ch]$/
    begin_group(is_source ? "Solutions" : name == "index.md" ? "Start" : name ~ /^[0-9]/ ? "Labs" : "Appendices")
    if (is_source)
        print "<li><a href=\"" source_page(name) "\"><small>" substr(part[count - 1], 1, 2) "</small> " name "</a></li>"
}

is_source { next }
/^```/ { fenced = !fenced }
/^[\\@]if instructor/ { hidden = edition != "instructor" }
/^[\\@]endif/ { hidden = 0 }
fenced || hidden { next }

/^# / && link == "" {
    anchor = take_anchor()
    page = (name == "index.md" ? "index" : anchor) ".html"
    heading = escape(heading)
    if (heading ~ /^Lab [0-9]+: /)
        heading = "<small>" substr(heading, 5, 2) "</small> " toupper(substr(heading, 9, 1)) substr(heading, 10)
    link = "<a href=\"" page "\">" heading "</a>"
}

/^## / {
    anchor = take_anchor()
    if (anchor != "")
        sections = sections "<li><a href=\"" page "#" anchor "\">" escape(heading) "</a></li>\n"
}

END {
    end_page()
    print "</ul>"
}
