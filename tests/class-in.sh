#!/bin/sh
# class-in.sh: hand-ins as they come, from honest and from hostile hands: what the grader makes of them, without grading
# (tests/tool_submissions.c). Canvas's and Moodle's archives, folders, checkouts, archives within, rosters.
# The last line is `N passed, N failed`.
set -u

cd "$(dirname "$0")/.." || exit 1
build=$PWD/${SOCKLAB_BUILD:-build}
export LC_ALL=C.UTF-8
tool=$build/tool/submissions
program=$PWD/solutions/04-accept/hello_server.c
solutions=$PWD/solutions/06-read-write
skeleton=$PWD/labs/04-accept
right=$PWD/tests/right/04-accept/epoll/hello_server.c
size=$(wc -c < "$program")

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
cd "$work" || exit 1
passed=0 failed=0

verdict() { # TITLE FILE: passed when FILE, a list of complaints, is empty
    if [ -s "$2" ]; then
        echo "not ok - $1"
        sed 's/^/#   /' "$2"
        failed=$((failed + 1))
    else
        echo "ok - $1"
        passed=$((passed + 1))
    fi
}

archive() { "$build/tool/archive" "$1" "$2"; } # FORMAT FILE, entries on stdin (tests/tool_archive.c)

# expect TITLE LAB PATH [ROSTER]: what it prints is on stdin; of a time, whether there is one.
expect() {
    title=$1
    shift
    "$tool" "$@" > out 2> err
    echo "status $?" >> err
    sed -E 's/\|[1-9][0-9]*\|([^|]*\|[^|]*)$/|time|\1/' out > got
    sed "s/SIZE/$size/g" > wanted
    { diff wanted got; grep -v '^status 0$' err; } > complaints
    verdict "$title" complaints
}

# refuse TITLE MESSAGE LAB PATH [ROSTER]: nothing is printed but this message, with status 1.
refuse() {
    title=$1 message=$2
    shift 2
    "$tool" "$@" > out 2> err
    status=$?
    {
        [ $status -eq 1 ] || echo "status $status"
        cat out
        [ "$(cat err)" = "socklab: $message" ] || cat err
    } > complaints
    verdict "$title" complaints
}

# --- Canvas -------------------------------------------------------------------------------------------------

archive zip lab.zip <<END
copy src/hello_server.c $program
END
archive zip canvas.zip <<END
copy doejane_4711_90210_hello_server.c $program
file roerichard_LATE_4712_90200_hello_server.c int old;
file roerichard_LATE_4712_90209_hello_server-1.c int older;
copy roerichard_LATE_4712_90211_hello_server-2.c $program
copy park_5_4713_90212_hello_server-3.c $program
copy 홍길동_4714_90213_Hello-Server.c $program
file lee_4715_text.html <p>int main(void);
file cho_4716_link.html <a>
copy kim_4717_90214_lab.zip lab.zip
copy anon_ab1xY_90333_hello_server.c $program
copy LATE_anon_9zZ_90334_hello_server.c $program
file nam_4718_90335_report.pdf %PDF
file nam_4718_90336_hello_server_one.c int a;
file nam_4718_90337_hello_server_two.c int b;
file 2026123_4719_90338_1_2_hello_server.c int c;
file grades.csv nobody
END
expect "Canvas: names, late marks, numbers, texts, links, anonymous ones, archives" 4 canvas.zip <<'END'
4711|doejane|4711||handed-in|-|0|hello_server.c:SIZE|
4712|roerichard|4712||handed-in|LATE|0|hello_server.c:SIZE|hello_server-2.c is the latest of 3.
4713|park_5|4713||handed-in|-|0|hello_server.c:SIZE|
4714|홍길동|4714||wrong-name|-|0|hello_server.c:SIZE|hello_server.c is missing; Hello-Server.c was taken for it.
4715|lee|4715||other|-|0||hello_server.c is missing. It was typed in as a text. What was handed in: text.html.
4716|cho|4716||other|-|0||hello_server.c is missing. It was handed in as a link. What was handed in: link.html.
4717|kim|4717||handed-in|-|0|hello_server.c:SIZE|
4718|nam|4718||two-candidates|-|0||hello_server.c is missing, and several files could be meant by it: hello_server_one.c is one of them.
4719|2026123|4719||wrong-name|-|0|hello_server.c:6|hello_server.c is missing; 1_2_hello_server.c was taken for it.
anon_9zZ|anon_9zZ|anon_9zZ||handed-in|LATE|0|hello_server.c:SIZE|
anon_ab1xY|anon_ab1xY|anon_ab1xY||handed-in|-|0|hello_server.c:SIZE|
# grades.csv has no student's name and number as the others have.
= canvas
END

mkdir unpacked unpacked/doejane_1_2_a.c
cp "$program" unpacked/kim_4717_90214_hello_server.c
expect "Canvas: a folder into which it was unpacked tells no time" 4 unpacked <<'END'
4717|kim|4717||handed-in|-|0|hello_server.c:SIZE|
# doejane_1_2_a.c has no student's name and number as the others have.
= canvas
END

# --- a lab that may be divided into further files --------------------------------------------------------------

archive zip divided.zip <<'END'
file doejane_1_10_http_server.c int main;
file doejane_1_11_parse-1.c int parse;
file doejane_1_12_parse-1.h int b;
file doejane_1_13_stage-1.c int one;
file doejane_1_14_stage-2.c int two;
file doejane_1_15_notes.txt no C
file doejane_1_16_test_parse.c int t;
file roerichard_2_20_http_server.c #include "http-2.h"
file roerichard_2_21_http-2.h int x;
file kim_3_30_http-server.c int main;
file kim_3_31_util.c int u;
file lee_4_40_parse.c int p;
END
expect "Canvas: further files; its numbers are taken off, and the student's own stay" 14 divided.zip <<'END'
1|doejane|1||handed-in|-|0|http_server.c:9 parse.c:10 parse.h:6 stage-1.c:8 stage-2.c:8|
2|roerichard|2||handed-in|-|0|http-2.h:6 http_server.c:19|
3|kim|3||wrong-name|-|0|http_server.c:9 util.c:6|http_server.c is missing; http-server.c was taken for it.
4|lee|4||wrong-name|-|0|http_server.c:6|http_server.c is missing; parse.c was taken for it.
= canvas
END

mkdir -p divided/anna/14-http divided/anna/old divided/berta divided/carl/src
printf 'int main;' > divided/anna/14-http/http_server.c
printf 'int a;' > divided/anna/14-http/a.c
printf 'int b;' > divided/anna/old/b.c
printf 'int main;' > divided/berta/http_server.c
ln -s /etc/passwd divided/berta/key.h
printf 'int main;' > divided/carl/src/http_server.c
mkfifo divided/carl/src/pipe.c
expect "folders: what lies beside, and nothing that is no file" 14 divided <<'END'
anna|anna|||handed-in|-|time|a.c:6 http_server.c:9|
berta|berta|||unreadable|-|0||key.h is a link: the file itself is wanted.
carl|carl|||unreadable|-|0||src/pipe.c is no regular file.
= folders
END

# --- Moodle ---------------------------------------------------------------------------------------------------

archive tar.gz moodle.tar.gz <<END
copy Jane|Doe_11_assignsubmission_file/hello_server.c $program
file Jane|Doe_11_assignsubmission_onlinetext/onlinetext.html <p>
copy Old|One_12_assignsubmission_file_/hello_server.c $program
copy Flat|One_13_assignsubmission_file_hello_server.c $program
copy Older|One_14_file_/hello_server.c $program
copy 참가자_15_assignsubmission_file/sub/hello_server.c $program
copy 참가자_16_assignsubmission_file/hello_server.c $program
file Text|One_17_assignsubmission_onlinetext/onlinetext.html <p>
copy Group|A_assignsubmission_file/hello_server.c $program
END
expect "Moodle: folders of all ages, flat ones, blind ones, texts, groups" 4 moodle.tar.gz <<'END'
11|Jane Doe|11||handed-in|-|0|hello_server.c:SIZE|
12|Old One|12||handed-in|-|0|hello_server.c:SIZE|
13|Flat One|13||handed-in|-|0|hello_server.c:SIZE|
14|Older One|14||handed-in|-|0|hello_server.c:SIZE|
15|참가자 15|15||handed-in|-|0|hello_server.c:SIZE|
16|참가자 16|16||handed-in|-|0|hello_server.c:SIZE|
17|Text One|17||other|-|0||hello_server.c is missing. It was typed in as a text. What was handed in: onlinetext.html.
Group A|Group A|||handed-in|-|0|hello_server.c:SIZE|
= moodle
END

archive zip wrapped.zip <<END
copy CS4-Lab|4-99/Jane|Doe_11_assignsubmission_file/hello_server.c $program
copy CS4-Lab|4-99/Joe_12_assignsubmission_file/hello_server.c $program
END
expect "a folder that stands above all is looked through" 4 wrapped.zip <<'END'
11|Jane Doe|11||handed-in|-|0|hello_server.c:SIZE|
12|Joe|12||handed-in|-|0|hello_server.c:SIZE|
= moodle
END

# --- folders --------------------------------------------------------------------------------------------------

mkdir -p class/plain class/case class/copies class/same/a class/same/b class/differ/a class/differ/b class/empty class/.hidden \
    class/labs/04-accept class/labs/old class/only class/pdf class/report class/link class/pipe class/git class/big class/rar
for file in plain/hello_server.c case/HELLO_SERVER.C "copies/hello_server (1).c" same/a/hello_server.c same/b/hello_server.c \
    differ/a/hello_server.c labs/04-accept/hello_server.c only/main.c git/hello_server.c report/hello_server.c; do
    cp "$program" "class/$file"
done
echo "int a;" | tee "class/copies/hello_server (2).c" class/differ/b/hello_server.c class/labs/old/hello_server.c > class/labs/hello_server.c
echo "%PDF" | tee class/report/report.pdf > class/pdf/report.pdf
ln -s /etc/passwd class/link/hello_server.c
ln -s plain class/linked
mkfifo class/pipe/hello_server.c
head -c 1100000 /dev/zero > class/big/hello_server.c
echo Rar > class/rar/lab.rar
git -C class/git init -q
printf '[core]\n\tfsmonitor = touch %s/ran\n\tpager = touch %s/ran\n[log]\n\tshowSignature = true\n[gpg]\n\tprogram = touch %s/ran\n' \
    "$work" "$work" "$work" > config
tree=$(git -C class/git mktree < /dev/null)
commit=$(GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME='A B' GIT_COMMITTER_EMAIL=a@b GIT_AUTHOR_DATE='@1 +0000' \
    GIT_COMMITTER_DATE='@1772679600 +0900' git -C class/git commit-tree "$tree" -m 'x > 9')
git -C class/git update-ref HEAD "$commit"
cat config >> class/git/.git/config
archive tar.gz class/packed.tar.gz <<END
copy ./lab/hello_server.c $program
END
archive 7z class/seven.7z <<END
copy hello_server.c $program
END
echo "to do" > class/notes.txt
expect "folders: names, copies, other folders, links, pipes, archives, checkouts" 4 class <<'END'
big|big|||unreadable|-|0||hello_server.c is larger than the files that are taken (1 MiB).
case|case|||wrong-name|-|time|hello_server.c:SIZE|hello_server.c is missing; HELLO_SERVER.C was taken for it.
copies|copies|||two-candidates|-|0||hello_server.c is missing, and several files could be meant by it: hello_server (1).c is one of them.
differ|differ|||two-candidates|-|0||Several folders have the files of this lab, and they differ: one is that of a/hello_server.c.
empty|empty|||nothing|-|0||Nothing was handed in.
git|git|||handed-in|-|time|hello_server.c:SIZE|
labs|labs|||handed-in|-|time|hello_server.c:SIZE|
link|link|||unreadable|-|0||hello_server.c is a link: the file itself is wanted.
only|only|||wrong-name|-|time|hello_server.c:SIZE|hello_server.c is missing; main.c was taken for it.
packed|packed|||handed-in|-|time|hello_server.c:SIZE|
pdf|pdf|||other|-|0||hello_server.c is missing. What was handed in: report.pdf.
pipe|pipe|||unreadable|-|0||hello_server.c is no regular file.
plain|plain|||handed-in|-|time|hello_server.c:SIZE|
rar|rar|||unreadable|-|0||lab.rar is an archive of a kind that is not read; zip and tar.gz are.
report|report|||handed-in|-|time|hello_server.c:SIZE|
same|same|||handed-in|-|time|hello_server.c:SIZE|
seven|seven|||handed-in|-|time|hello_server.c:SIZE|
# linked is a symbolic link, which is not followed.
# notes.txt belongs to nobody: each student is a folder or an archive.
= folders
END
{
    grep -q '^git|git|||handed-in|-|1772679600|' out || echo "the commit's time is not 1772679600: $(grep '^git' out)"
    [ ! -e ran ] || echo "something of the checkout's configuration was run"
} > complaints
verdict "a checkout's time is its commit's, and nothing of its configuration is run" complaints

mkdir checkouts
mv class/git checkouts/jane
expect "checkouts are known as such" 4 checkouts <<'END'
jane|jane|||handed-in|-|time|hello_server.c:SIZE|
= checkouts
END

mkdir -p several/complete/server several/partial
for file in io.c echo_server.c echo_client.c; do cp "$solutions/$file" several/complete/server; done
echo "int old;" > several/complete/io.c
cp "$solutions/echo_server.c" "$solutions/io.c" several/partial
"$tool" 6 several | cut -d'|' -f 1,5,8,9 > got
sizes() { for file; do printf '%s:%s ' "$file" "$(wc -c < "$solutions/$file")"; done | sed 's/ $//'; }
diff - got > complaints <<END
complete|handed-in|$(sizes echo_client.c echo_server.c io.c)|
partial|handed-in|$(sizes echo_server.c io.c)|echo_client.c is missing.
= folders
END
verdict "several files: from one folder that has them all; what is missing is said, and the rest is graded" complaints

# --- hostile archives --------------------------------------------------------------------------------------------

mkdir -p outside
for name in up absolute links hard device names twice bomb deep deeper secret many crowd huge noise void; do mkdir -p "hostile/$name"; done
archive tar hostile/up/a.tar <<END
file ../../outside/hello_server.c int up;
END
archive tar hostile/absolute/a.tar <<END
file $work/outside/hello_server.c int absolute;
END
archive tar hostile/links/a.tar <<END
link src $work/outside
file src/hello_server.c int through;
link other/hello_server.c /etc/passwd
END
archive tar hostile/hard/a.tar <<END
hard hello_server.c $program
END
archive tar hostile/device/a.tar <<END
device hello_server.c
fifo src/hello_server.c
END
archive zip hostile/names/a.zip <<'END'
file \xc8\xab\xb1\xe6\xb5\xbf/hello_server.c int names;
file \x1b[31m\x0a/\xff.c int no;
file \xe2\x80\xae.c int no;
END
archive zip hostile/twice/a.zip <<END
file hello_server.c int one;
file hello_server.c int two;
END
archive tar.gz hostile/bomb/a.tar.gz <<END
zeros hello_server.c 300000000
END
archive zip deep0.zip <<END
copy hello_server.c $program
END
for depth in 1 2 3; do
    archive zip deep$depth.zip <<END
copy deep.zip deep$((depth - 1)).zip
END
done
cp deep1.zip hostile/deep
cp deep3.zip hostile/deeper
archive zip-secret hostile/secret/a.zip <<END
copy hello_server.c $program
END
archive zip hostile/many/a.zip <<END
many a/ 20001
copy z/hello_server.c $program
END
archive zip hostile/crowd/a.zip <<END
many a/ 5000
copy z/hello_server.c $program
END
archive zip hostile/huge/a.zip <<END
zeros lab.zip 17000000
END
for cut in 10 200 1500; do
    mkdir hostile/cut$cut
    head -c $cut deep0.zip > hostile/cut$cut/a.zip
done
yes | head -c 100000 > hostile/noise/a.zip
: > hostile/void/a.zip
expect "hostile archives: each is told of, and none is believed" 4 hostile <<'END'
absolute|absolute|||handed-in|-|time|hello_server.c:13|
bomb|bomb|||unreadable|-|0||a.tar.gz/hello_server.c is larger than the files that are taken (1 MiB).
crowd|crowd|||handed-in|-|time|hello_server.c:SIZE|
cut10|cut10|||unreadable|-|0||a.zip is no archive that can be read.
cut1500|cut1500|||unreadable|-|0||a.zip is broken.
cut200|cut200|||unreadable|-|0||a.zip is broken.
deep|deep|||handed-in|-|time|hello_server.c:SIZE|
deeper|deeper|||unreadable|-|0||deep3.zip/deep.zip/deep.zip was not unpacked: it lies too deep, or there are too many archives.
device|device|||unreadable|-|0||a.tar/hello_server.c is no regular file.
hard|hard|||unreadable|-|0||a.tar/hello_server.c is a link: the file itself is wanted.
huge|huge|||unreadable|-|0||a.zip/lab.zip is larger than the archives that are taken (16 MiB).
links|links|||handed-in|-|time|hello_server.c:12|
many|many|||unreadable|-|0||a.zip holds too many files.
names|names|||handed-in|-|time|hello_server.c:10|
noise|noise|||unreadable|-|0||a.zip is no archive that can be read.
secret|secret|||unreadable|-|0||a.zip is encrypted.
twice|twice|||two-candidates|-|0||There are several that differ: a.zip/hello_server.c is one of them.
up|up|||handed-in|-|time|hello_server.c:7|
void|void|||unreadable|-|0||a.zip is no archive that can be read.
= folders
END
ls -A outside > complaints
verdict "nothing was written where an archive says" complaints

archive tar evil.tar <<'END'
file ../kim/hello_server.c int a;
file /lee/hello_server.c int b;
file ./park/hello_server.c int c;
file a\x1b[2J/hello_server.c int d;
file .git/hello_server.c int e;
file __MACOSX/kim/._hello_server.c int f;
link kim/hello_server.c /etc/passwd
END
expect "a class's own archive: keys can be folders, whatever the names are" 4 evil.tar <<'END'
%2E.|..|||handed-in|-|0|hello_server.c:6|
a%1B[2J|a\x1b[2J|||handed-in|-|0|hello_server.c:6|
kim|kim|||unreadable|-|0||hello_server.c is a link: the file itself is wanted.
lee|lee|||handed-in|-|0|hello_server.c:6|
park|park|||handed-in|-|0|hello_server.c:6|
= folders
END
head -c 3000 canvas.zip > half.zip
archive zip-secret secret.zip <<END
copy doejane_4711_90210_hello_server.c $program
END
refuse "half a class is none" "half.zip: It is broken." 4 half.zip
refuse "an encrypted class" "secret.zip: It is encrypted." 4 secret.zip
refuse "no archive" "hostile/noise/a.zip: It is no archive that can be read." 4 hostile/noise/a.zip
refuse "no folder" "nowhere: No such file or directory" 4 nowhere
mkdir nobody
refuse "nobody" "nobody: no hand-in is there: neither a student's folder or archive nor a file of Canvas or Moodle" 4 nobody

# --- rosters ---------------------------------------------------------------------------------------------------------

printf '\357\273\277Student,ID,SIS User ID,SIS Login ID,Section\r\n    Points Possible,,,,\r\n"Doe, Jane",4711,,jdoe,A\r\n"Roe, Richard",,,rroe,A\r\n"홍, 길동",,,hong,A\r\n"Absent, Al",4799,,al,A\r\n' > roster.csv
archive zip small.zip <<END
copy doejane_4711_90210_hello_server.c $program
copy roerichard_4712_90211_hello_server.c $program
copy 홍길동_4714_90212_hello_server.c $program
copy stranger_4720_90213_hello_server.c $program
END
expect "a roster as Canvas exports it: ids, then names; who is missing, who is not on it" 4 small.zip roster.csv <<'END'
4720|stranger|4720||handed-in|-|0|hello_server.c:SIZE|
al|Absent, Al|4799|al|nothing|-|0||Nothing was handed in.
hong|홍, 길동|4714|hong|handed-in|-|0|hello_server.c:SIZE|
jdoe|Doe, Jane|4711|jdoe|handed-in|-|0|hello_server.c:SIZE|
rroe|Roe, Richard|4712|rroe|handed-in|-|0|hello_server.c:SIZE|
# stranger (4720) is not in roster.csv.
= canvas
END

printf 'Identifier;Full name;Email address;Handed in\nParticipant 11;Jane Doe;jd@x;2026-03-05T12:00:00+09:00\nParticipant 12;Joe;joe@x;\n' > worksheet.csv
expect "a roster as Moodle's worksheet, with semicolons and a time" 4 wrapped.zip worksheet.csv <<'END'
11|Jane Doe|11||handed-in|-|time|hello_server.c:SIZE|
12|Joe|12||handed-in|-|0|hello_server.c:SIZE|
= moodle
END

mkdir -p twins/kim "twins/min kim"
printf 'name\nMin Kim\nKim Min\n' > namesakes.csv
expect "a name that two have says nothing" 4 twins namesakes.csv <<'END'
Kim Min|Kim Min|||nothing|-|0||Nothing was handed in.
Min Kim|Min Kim|||nothing|-|0||Nothing was handed in.
kim|kim|||nothing|-|0||Nothing was handed in.
min kim|min kim|||nothing|-|0||Nothing was handed in.
# kim (kim) is not in namesakes.csv.
# min kim (min kim) is not in namesakes.csv.
= folders
END

printf 'login,name\nkim,A\n\nkim,B\n' > double.csv
refuse "a roster with one login twice" "double.csv:4: the same login or id as on line 2" 4 twins double.csv
printf 'a,b\n1,2\n' > columns.csv
refuse "a roster without a known column" "columns.csv:1: no column is called login, id, name or email" 4 twins columns.csv
printf 'login\n' > noone.csv
refuse "a roster of nobody" "noone.csv:1: names nobody" 4 twins noone.csv

# --- similarity ---------------------------------------------------------------------------------------------------------

# alike SKELETON...: pairs of at least 60 %, without the number of their runs.
alike() { env TABLE=table.csv PAGE=page.html SIMILAR=60 "$@" "$tool" 4 alike | sed -n 's/^~ \(.*\) [0-9]*$/\1/p'; }
mkdir -p alike/anna alike/ben "alike/<b>" "alike/<i>" alike/ida alike/ivo
cp "$program" alike/anna
sed -E 's/listener|conn/thing/g; s/^ +//' "$program" > alike/ben/hello_server.c
cp "$right" "alike/<b>/hello_server.c"
{ echo "/* <script>alert(1)</script> */"; cat "$right"; } > "alike/<i>/hello_server.c"
for who in ida ivo; do cp "$skeleton/hello_server.c" alike/$who; done
alike SKELETON="$skeleton" > got
diff - got > complaints <<END
100 <b> <i>
100 anna ben
END
verdict "similarity: renamed and laid out anew is seen; the skeleton that two handed in as it was is not" complaints
{
    head -n 1 table.csv | grep -q '^percent,student 1,student 2,runs,place 1,place 2' || head -n 1 table.csv
    grep -q '^100,anna,ben,[1-9][0-9]*,hello_server.c:[0-9]' table.csv || cat table.csv
    grep -nE '<b>|<i>|<script' page.html
    grep -nE '(src|href)="?[^"#]' page.html
    for id in $(grep -o 'href="#[^"]*' page.html | cut -c8-); do
        grep -q "id=\"$id\"" page.html || echo "nothing is at #$id"
    done
    grep -q 'href="#pair-1-run-0-right"' page.html || echo "no link to both places"
    grep -q '&lt;b&gt;' page.html || echo "one is missing on the page"
} > complaints
verdict "similarity: page and table; names stay text, links lead to both places, nothing is fetched" complaints
alike | grep 'ida ivo' > got
echo "100 ida ivo" | diff - got > complaints
verdict "similarity: where the skeleton counts, those two are alike" complaints
mkdir tmp
TMPDIR=$work/tmp alike SKELETON=/nowhere > out 2>&1
{
    grep -q '^socklab: hand-ins could not be compared with sim_c: Not a directory' out || cat out
    ls -A tmp
} > complaints
verdict "similarity: without its skeleton it says so, and leaves nothing behind" complaints

# --- the same each time ------------------------------------------------------------------------------------------------

for run in 1 2 3 4 5; do
    { "$tool" 4 class && "$tool" 4 hostile && "$tool" 4 canvas.zip; } > run$run 2>&1
    cmp run1 run$run
done > complaints 2>&1
verdict "five runs say the same" complaints

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
