# hostile: reading 04-accept -- the hand-in is a folder, beside links to / and to itself
# holds: score: 0
# holds: message: folder
rm hello_server.c && mkdir hello_server.c && ln -s / root && ln -s . loop && ln -s loop/loop/loop hello.c
