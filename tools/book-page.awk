# book-page.awk: the last touches to one of Doxygen's pages, on stdout.
#
#   awk -f tools/book-page.awk WORDS PAGE.html PAGE.html      (the same page twice; run in its folder)
#
# WORDS is what book-words.awk prints.
#
# - A drawing goes into the page itself: it then follows the page's colours, prints, and needs no second file.
# - In code, a call leads to its definition in the same file, or else to where the book explains it, and so do errors
#   and options. What is written for the skeletons alone is left out (tools/skeleton.awk); the line numbers stay those of the file.
# - Doxygen's path of folders and its pointer cards are left out.

# The words of the book, then the page for the first time.
FNR == 1 { pass++ }
pass == 1 { explained[$1] = $2; next }

# The definitions, on the first pass: a line that begins with a type and has NAME( outside a call.
pass == 2 {
    if (!match($0, /name="l[0-9]+"/))
        next
    line = substr($0, RSTART + 6, RLENGTH - 7)
    code = $0
    sub(/^.*<span class="lineno">[^<]*<\/span>/, "", code)
    gsub(/<[^>]*>/, "", code)
    if (code ~ /^[a-z][A-Za-z0-9_ *]*[ *][a-z_0-9]+\(.*[^;]$/) {
        name = code
        sub(/\(.*/, "", name)
        sub(/.*[ *]/, "", name)
        if (name != "main")
            defined[name] = line
    }
    next
}

FNR == 1 { is_source = FILENAME ~ /_source\.html$/ }

/<div id="nav-path"/ { in_path = 1 }
in_path {
    if (/<\/div>/)
        in_path = 0
    next
}
/^<div class="ttc"/ { next }

/src="[A-Za-z0-9_]+\.svg"/ {
    match($0, /src="[A-Za-z0-9_]+\.svg"/)
    show_drawing(substr($0, RSTART + 5, RLENGTH - 6))
    # What follows the picture on its line: the caption's begin.
    sub(/.*(<\/iframe>|<\/object>|<img [^>]*>)/, "")
    print
    next
}

is_source && /\/\/! \[|@skeleton |@(end)?solution</ { next }
/<div class="line">/ { print with_links($0); next }
{ print }

# Only code gets links: not what is in a comment or a string, and not a definition itself.
function with_links(text,    done, piece, name, before, call) {
    done = ""
    while (match(text, /<span class="(comment|stringliteral|charliteral|lineno|preprocessor)">[^<]*<\/span>|<a [^>]*>[^<]*<\/a>|<[^>]*>|[A-Za-z_][A-Za-z0-9_]*\(?/)) {
        piece = substr(text, RSTART, RLENGTH)
        before = substr(text, 1, RSTART - 1)
        text = substr(text, RSTART + RLENGTH)
        if (piece !~ /^</) {
            name = piece
            call = sub(/\($/, "", name)
            if (call && name in defined)
                piece = index(done before, "name=\"" defined[name] "\"") ? piece : link(name, "#" defined[name]) "("
            else if (name in explained && (call || name ~ /^[A-Z0-9_]+$/))
                piece = link(name, explained[name]) (call ? "(" : "")
        }
        done = done before piece
    }
    return done text
}

function link(name, address) {
    return "<a class=\"code\" href=\"" address "\">" name "</a>"
}

function show_drawing(file,    row, begun) {
    while ((getline row < file) > 0) {
        if (row ~ /<svg/) {
            begun = 1
            sub(/<svg/, "<svg role=\"img\" aria-label=\"Drawing; the text around it says the same\"", row)
        }
        if (!begun || row ~ /^<!--.*-->$/ || row ~ /^<title>/)
            continue
        # Several drawings on a page must not have the same ids.
        gsub(/ id="[^"]*"/, "", row)
        print row
    }
    close(file)
}
