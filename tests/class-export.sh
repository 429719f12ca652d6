#!/bin/sh
# class-export.sh: what a course decides and what leaves the house, through `socklab class`: marks of late hand-ins, other points, hidden
# checks, grades.csv and grades.json, and the tables of Canvas and Moodle, of which all but the marks must come back byte for byte.
# The class is graded once; all that follows is made of those grades.
# The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1
unset SOCKLAB_TEST_REFUSE
export LC_ALL=C.UTF-8 TZ=UTC
build=$PWD/${SOCKLAB_BUILD:-build}
socklab=$build/socklab

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0 failed=0

expect() { # TITLE CONDITION...
    title=$1
    shift
    if "$@"; then
        echo "ok - $title"
        passed=$((passed + 1))
    else
        echo "not ok - $title (status ${status:-none})"
        for stream in out err; do head -n 20 "$work/$stream" | sed "s/^/#   std$stream: /"; done
        failed=$((failed + 1))
    fi
}

# run DIR ARGUMENT...: grades the class into DIR; output in $work/out and $work/err, status in $status.
run() {
    dir=$1
    shift
    "$socklab" class 1 class -o "$dir" --roster roster.csv "$@" > "$work/out" 2> "$work/err" < /dev/null
    status=$?
}
done_well() { [ "$status" -eq 0 ] && [ ! -s "$work/err" ]; }
prints() { grep -qF -- "$1" "$work/out"; }
# refused WORD: one line on stderr, nothing made.
refused() { [ "$status" -eq 2 ] && [ "$(wc -l < "$work/err")" -eq 1 ] && grep -qF -- "$1" "$work/err" && [ ! -e nothing ]; }
# ask QUERY: of grades.csv, as the table `t`.
ask() { sqlite3 :memory: -cmd ".import --csv made/grades.csv t" "$1"; }
marks() { ask "SELECT group_concat(student || '=' || mark, ' ') FROM t WHERE student != '''=1+1'"; }
gradings() { sqlite3 made/gradebook.db "SELECT count(*) FROM grading"; }

# --- the class ---------------------------------------------------------------------------------------------------

# hand_in LOGIN FOLDER SECONDS: what it handed in, and when: so many seconds after a second before midnight in Seoul.
hand_in() {
    mkdir -p "$work/class/$1"
    { echo "/* $1 */"; cat "$2/sockinfo.c"; } > "$work/class/$1/sockinfo.c"
    touch -d "@$((1741964399 + $3))" "$work/class/$1/sockinfo.c"
}
hand_in anna solutions/01-socket 0
hand_in berta solutions/01-socket 108000
hand_in carl solutions/01-socket 691200
hand_in dora tests/zoo/01-socket/no-newline 259200
mkdir "$work/class/emil" "$work/class/=1+1"
cd "$work" || exit 1
cat > roster.csv <<'END'
login,id,name,email
anna,1001,Anna Berg,anna@example.org
berta,1002,김민준,berta@example.org
carl,1003,"=HYPERLINK(""x"")",carl@example.org
dora,1004,"Dora ""D"" Day",dora@example.org
emil,1005,Emil,emil@example.org
END
cat > late.yaml <<'END'
time_zone: Asia/Seoul
late: {grace: 1 day, percent_a_day: 10, cut_off: 7 days}
labs:
  01-socket:
    due: 2025-03-14 23:59
    extensions: [{student: dora, due: 2025-03-18}, {student: anne, due: 2025-03-19}]
END

# --- what a course decides -----------------------------------------------------------------------------------------

run made --course late.yaml
wrong=$(sqlite3 made/gradebook.db "SELECT score FROM current_grade WHERE student = 'dora'")
expect "a class with a course is graded" eval 'done_well && [ "$wrong" -gt 0 ] && [ "$wrong" -lt 100 ]'
expect "an extension for nobody is said, and no other" eval 'prints "late.yaml gives '"'anne'"' more time" && ! prints "'"'dora'"' more time"'
marks > got
expect "in time, late, too late, with an extension, nothing" [ "$(cat got)" = "anna=100 berta=90 carl=0 dora=$wrong emil=0" ]
cp made/feedback/berta/report.txt "$work/out"
expect "feedback says why, in words" eval 'tr -s " \n" "  " < "$work/out" | grep -qF "Handed in 1 d 6 h after the due time (2025-03-14 23:59 KST)." &&
    tr -s " \n" "  " < "$work/out" | grep -qF "That leaves 90 of 100."'
expect "grades.csv: seconds late and percent off" [ "$(ask "SELECT late_seconds || ' ' || percent_off || ' ' || points FROM t WHERE student = 'berta'")" = "108000 10 100" ]
expect "grades.csv: no cell begins a formula" \
    eval '! grep -qE "(^|,)\"?[=+@]" made/grades.csv && grep -q "\"'"'"'=HYPERLINK" made/grades.csv && grep -q "^\"'"'"'=1+1\"" made/grades.csv'
builds=$("$socklab" checks 1 | sed -n 's/^ *builds  *\([0-9]*\).*/\1/p')
expect "grades.csv: a column for each check" [ "$(ask "SELECT builds || ' ' || (tcp > 0) || ' ' || reason FROM t WHERE student = 'anna'")" = \
    "$builds 1 100 of 100 points for the checks." ]
json() { sqlite3 :memory: "SELECT json_extract(readfile('made/grades.json'), '\$.$1')"; }
expect "grades.json says the same" [ "$(json due) $(json 'students[2].student') $(json 'students[2].mark') $(json 'students[2].late_seconds')" = \
    "2025-03-14T14:59:59Z berta 90 108000" ]

expect "who handed nothing in has a page that says so, and no empty report" \
    eval 'grep -q "Nothing was handed in." made/feedback/emil/report.html && ! grep -qE "0</b>/0|>01-socket: 0/0|<table|seed" made/feedback/emil/report.html'

before=$(gradings)
cat > scaled.yaml <<'END'
labs:
  01-socket:
    out_of: 30
    points: {builds: 0, warnings: 0, tcp: 2, udp: 1, ipv6: 0, unix: 0, fd-number: 0, asks-kernel: 0, closes: 0, usage: 0,
             reports-failure: 0, order: 0, memory: 0, descriptors: 0, reference: 0}
END
run made --course scaled.yaml
marks > got
expect "other points, another scale: other marks, and nothing is graded again" \
    eval 'done_well && [ "$(gradings)" = "$before" ] && grep -q "^anna=30 berta=30 carl=30 dora=[0-9.]* emil=0$" got'

cat > hidden.yaml <<'END'
labs:
  01-socket: {due: 2999-01-01 12:00 Z, hidden_until_due: [tcp, udp, closes]}
END
run made --course hidden.yaml
cat made/feedback/*/report.* > "$work/out"
expect "hidden checks are in nobody's feedback" eval 'done_well && grep -q "fd-number" "$work/out" && ! grep -qE "\b(tcp|udp|closes) " "$work/out"'
expect "... nor a sum that tells what they came to" eval '! grep -qE "(\b|>)$wrong (of|/) ?100|$wrong of 100" made/feedback/dora/report.* && grep -q "3 more checks are shown" made/feedback/dora/report.txt'
marks > got
expect "... and they count; who handed nothing in has no mark before the due time" [ "$(cat got)" = "anna=100 berta=100 carl=100 dora=$wrong emil=" ]

# --- the platforms' tables --------------------------------------------------------------------------------------------

# filled OPTION TITLE: table.csv comes back as wanted.csv.
filled() {
    run made --course late.yaml "--$1" table.csv
    cmp "made/$1.csv" wanted.csv >> "$work/err" 2>&1
    expect "$2" eval 'done_well && [ "$(gradings)" = "$before" ]'
}
# table MARK MARK MARK MARK MARK: stdin, with $1 to $5 in place of {1} to {5}.
table() { sed -e "s/{1}/$1/" -e "s/{2}/$2/" -e "s/{3}/$3/" -e "s/{4}/$4/" -e "s/{5}/$5/"; }
# tables SED: table.csv and wanted.csv of stdin; SED makes of both what a platform would write.
tables() {
    sed "$1" > both
    table "" 5 "" "" "" < both > table.csv
    table 100 90 0 "$wrong" 0 < both > wanted.csv
}

tables '1s/^/\xef\xbb\xbf/; s/$/\r/' <<'END'
Student,ID,SIS User ID,SIS Login ID,Section,Sockets (8001),Current Score,Final Score
,,,,,Manual Posting,(read only),(read only)
    Points Possible,,,,,100.00,(read only),(read only)
"Berg, Anna",1001,U1,anna,"Net, one",{1},=1+1,
"김민준",1002,U2,berta,"Net, one","{2}",90.5,"x ""y"""
'Carl,1003,U3,carl,Net,{3},,
Day,1004,U4,dora,Net,{4},,
Emil,1005,U5,emil,Net,"{5}",,
"Student, Test",1999,,0a1b,Net,,,
END
filled canvas "Canvas's table: marks, and all else byte for byte"
expect "... who is in the table and not in the class is said" prints '"Student, Test"'
expect "... and who is in the class and not in the table" prints "=1+1"

tables 's/$//' <<'END'
학생;ID;SIS 사용자 ID;SIS 로그인 ID;분반;과제 1: 01-socket (77);과제 2 (78);최종 점수
    가능한 점수;;;;;100,00;50,00;
김안나;1001;;anna@u;1;{1};3,5;
김민준;1002;;berta@u;1;{2};;
칼;1003;;carl@u;1;{3};;
도라;1004;;dora@u;1;{4};;
에밀;1005;;emil@u;1;{5};;
END
filled canvas "Canvas's table in Korean, with semicolons"

tables '1s/^/\xef\xbb\xbf/' <<'END'
식별자,"성명","이메일 주소",상태,성적,"최대 성적","성적을 변경할 수 있음","최종 수정(제출물)","최종 수정(성적)","피드백 의견"
"참여자 1001","안나",anna@example.org,"제출됨",{1},100.00,예,-,-,
"참여자 1002","김민준",berta@example.org,"제출됨","{2}",100.00,예,-,-,"<p>=1,
둘째 줄</p>"
"참여자 1003","칼",carl@example.org,"제출됨",{3},100.00,예,-,-,
"참여자 1004","도라",dora@example.org,"제출됨",{4},100.00,예,-,-,
"참여자 1005","에밀",emil@example.org,"미제출",{5},100.00,예,-,-,
END
filled moodle "Moodle's worksheet in Korean"

tables 's/$//' <<'END'
Vorname,Nachname,E-Mail-Adresse,"Aufgabe: 01-socket (Punkte)","Test: 1 (Punkte)"
Anna,Berg,anna@example.org,{1},-
Berta,B,Berta@Example.org,{2},7
Carl,C,carl@example.org,{3},-
Dora,D,dora@example.org,{4},-
Emil,E,emil@example.org,{5},-
END
filled moodle "Moodle's gradebook, matched by address"

printf 'Student,ID,SIS Login ID,Section,Lab A (1),Lab B (2)\nA,1001,anna,x,,\n' > table.csv
run nothing --canvas table.csv
expect "which column is not clear: it is asked before anything is graded" refused 'table.csv:1: which column is for 01-socket? There are "Lab A (1)", "Lab B (2)".'
printf 'labs: {01-socket: {canvas: Lab B}}\n' > named.yaml
run made --course named.yaml --canvas table.csv
expect "... and the course's file can answer" eval 'done_well && grep -qx "A,1001,anna,x,,100" made/canvas.csv'
printf 'Student,ID\nA,"1001\n' > table.csv
run nothing --canvas table.csv
expect "a table that is none: file and line" refused "table.csv:2: "

# --- a course's file that is wrong ------------------------------------------------------------------------------------

while IFS='|' read -r place word text; do
    printf '%b' "$text" > wrong.yaml
    run nothing --course wrong.yaml
    expect "a course's file: $word" eval 'refused "wrong.yaml:$place: " && grep -qF -- "$word" "$work/err"'
done <<'END'
3:5|deu|labs:\n  01-socket:\n    deu: 2025-03-14\n
4:7|tpc|labs:\n  01-socket:\n    points:\n      tpc: 5\n
1:12|Mars/Base|time_zone: Mars/Base\n
3:13|'0x10'|labs:\n  01-socket:\n    out_of: 0x10\n
2:4|mapping values|labs: a\n  b: c\n
3:1|"labs"|labs: {}\ncourse: x\nlabs: {}\n
END

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
