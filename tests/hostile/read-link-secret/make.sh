# hostile: reading 06-read-write -- one of several files is a link to a secret of the host's, another one to the solution
# only: builds,usage
# holds: score: 0
# holds: message: symbolic link
ln -sf "$HOME_OF_SECRET/secret" io.c
ln -sf "$SOLUTION/echo_server.c" echo_server.c
