# hostile: report 03-listen -- the folder's own name is markup, and the hand-in has a name that differs by an invisible character
# only: builds
# holds: score: 0
# holds: report has no: \0342\0200\0213
mv listener.c "$(printf 'listener\342\200\213.c')"
