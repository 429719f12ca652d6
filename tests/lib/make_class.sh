#!/bin/sh
# make_class.sh OUT KIND:FOLDER...: a class, as each platform would give it.
#
# Each KIND:FOLDER is one student. Of the folder its C files and headers are handed in, but those that begin with test_:
#
#   files    as they are                      late     the same, after the platform's due time
#   again    for the second time: Canvas calls the files NAME-1.c
#   zip      in an archive of the student's own
#   renamed  the first file under a wrong name
#   two      the first file twice, differing, under two wrong names
#   broken   an archive that is cut in the middle
#   pdf      a PDF in place of a program
#   nothing  nothing at all: in the roster only
#
# OUT/folders/LOGIN/, OUT/canvas.zip, OUT/moodle.zip, OUT/roster.csv, and the tables that the platforms export: OUT/canvas.csv
# and OUT/moodle.csv. Every file of a student begins with a comment of his own, so that no two hand in the same bytes.
set -eu

out=$1
shift
mkdir -p "$out/folders" "$out/canvas" "$out/moodle"

# People have such names; some are there to try what reads them.
name_of() {
    case $(($1 % 8)) in
        1) echo "Anna Berg" ;;
        2) echo "김민준" ;;
        3) echo "Zoë O'Brien" ;;
        4) echo "=SUM(A1:A9)" ;;
        5) echo "José de la Cruz" ;;
        6) echo "<b>Bold</b>" ;;
        7) echo "Ng Wei-Ling" ;;
        0) echo "Łukasz Żak" ;;
    esac
}

# hand_in FOLDER INTO NUMBER: its files, each begun with a comment.
hand_in() {
    for file in "$1"/*.[ch]; do
        case ${file##*/} in test_*) continue ;; esac
        [ -f "$file" ] || continue
        { echo "/* student $3 */"; cat "$file"; } > "$2/${file##*/}"
    done
}
first() { find "$1" -name '*.c' | LC_ALL=C sort | head -n 1; }

echo "login,id,name,email" > "$out/roster.csv"
printf '%s\r\n' "Student,ID,SIS User ID,SIS Login ID,Section,Lab (8001),Final Score" "    Points Possible,,,,,100,(read only)" > "$out/canvas.csv"
printf '%s\n' "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (grade)" > "$out/moodle.csv"
number=0
for student in "$@"; do
    number=$((number + 1))
    kind=${student%%:*} folder=${student#*:}
    login=$(printf 's%03d' $number) id=$((1000 + number)) late=
    name="$(name_of $number)"
    [ $number -le 8 ] || name="$name $number"
    mine=$out/folders/$login
    mkdir "$mine"
    case $kind in nothing | pdf) ;; *) hand_in "$folder" "$mine" "$number" ;; esac
    case $kind in
        files | again | nothing) ;;
        late) late=_LATE ;;
        zip) (cd "$mine" && zip -q -r work.zip . && rm -f ./*.[ch]) ;;
        renamed) mv "$(first "$mine")" "$mine/my_program.c" ;;
        two)
            { cat "$(first "$mine")"; echo "/* another */"; } > "$mine/my_program_new.c"
            mv "$(first "$folder" | sed "s|.*/|$mine/|")" "$mine/my_program_old.c" ;;
        broken) (cd "$mine" && zip -q -r all.zip . && head -c 200 all.zip > work.zip && rm -f all.zip ./*.[ch]) ;;
        pdf) printf '%%PDF-1.4\n' > "$mine/report.pdf" ;;
        *) echo "make_class.sh: no kind '$kind'" >&2; exit 2 ;;
    esac
    key=$(printf '%s%03d' student $number)
    moodle="$out/moodle/${name}_${id}_assignsubmission_file"
    for file in "$mine"/*; do
        [ -f "$file" ] || continue
        base=${file##*/} as=${file##*/}
        [ "$kind" != again ] || as=${base%.*}-1.${base##*.}
        cp "$file" "$out/canvas/${key}${late}_${id}_$((90000 + number))_$as"
        # A folder's name cannot hold a slash.
        folder_name=$(echo "$moodle" | sed "s|.*/moodle/||" | tr '/' '_')
        mkdir -p "$out/moodle/$folder_name"
        cp "$file" "$out/moodle/$folder_name/$base"
    done
    quoted=$(printf '%s' "$name" | sed 's/"/""/g')
    echo "$login,$id,\"$quoted\",$login@example.org" >> "$out/roster.csv"
    printf '"%s",%s,SIS%s,%s,"Section, one",,%s\r\n' "$quoted" $id $id "$login" $((number % 50)).5 >> "$out/canvas.csv"
    printf 'Participant %s,"%s",%s@example.org,Submitted for grading,,100.00,Yes,-\n' $id "$quoted" "$login" >> "$out/moodle.csv"
done
(cd "$out/canvas" && zip -q -r ../canvas.zip .)
(cd "$out/moodle" && zip -q -r ../moodle.zip .)
