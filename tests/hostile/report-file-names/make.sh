# hostile: report 04-accept -- files that are not taken, whose names are escape sequences, markup, formulas and no UTF-8
# only: builds,greets
# holds: score: as honest
# holds: report has no: \0033[
# holds: report has no: ]]>]]>
# holds: report has no: \0377
for name in '\033[2J\033]0;x\007.c' '<script>alert(1)<\\script>]]>]]>.c' '=HYPERLINK("x").c' 'a\377\300\257.c' 'line\nend.c' \
    '"},{"id":"x.c' '\342\200\256c.olleh' '%s%n.c' "$(awk 'BEGIN { for (i = 0; i < 250; i++) printf "n" }')"; do
    printf 'int x;\n' > "$(printf "%b" "$(printf '%s' "$name" | sed 's/\\\([0-7][0-7][0-7]\)/\\0\1/g')")" || exit 1
done
i=0
while [ $i -lt 2000 ]; do : > "many-$i.c"; i=$((i + 1)); done
