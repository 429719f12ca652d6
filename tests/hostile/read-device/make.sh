# hostile: reading 04-accept -- the hand-in is a device
# holds: score: 0
# holds: message: device
rm hello_server.c
mknod hello_server.c c 1 5 2> /dev/null || { echo "only root makes devices"; exit 77; }
