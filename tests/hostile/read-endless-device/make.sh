# hostile: reading 04-accept -- the hand-in is a link to a device that never ends
# holds: score: 0
# holds: message: symbolic link
ln -sf /dev/zero hello_server.c
