# hostile: reading 04-accept -- the hand-in is a symbolic link to a file that only the grader may read
# holds: score: 0
# holds: message: symbolic link
# holds: report has no: root:
ln -sf /etc/shadow hello_server.c
