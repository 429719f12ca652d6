# hostile: compiler 04-accept -- a file of 3 GB, most of it a hole
# holds: score: 0
# holds: message: has 3221225472 bytes
dd if=/dev/null of=hello_server.c bs=1M seek=3072 2> /dev/null
