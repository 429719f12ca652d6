# hostile: compiler 04-accept -- one line of a million characters, with an error at its end
# holds: score: 0
# holds: fails: builds
awk 'BEGIN { printf "int main(void) { return 0"; for (i = 0; i < 500000; i++) printf "+1"; print " error here; }" }' > hello_server.c
