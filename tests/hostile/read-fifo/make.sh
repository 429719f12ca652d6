# hostile: reading 04-accept -- the hand-in is a named pipe: whoever opens it waits
# holds: score: 0
# holds: message: named pipe
rm hello_server.c && mkfifo hello_server.c
