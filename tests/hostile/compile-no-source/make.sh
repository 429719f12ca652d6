# hostile: compiler 07-close -- hand-ins that are programs, archives, UTF-16 and zero bytes under a source's name
# holds: score: 0
# holds: fails: builds
cp /bin/true collect_client.c
{ printf '\377\376'; printf 'i\0n\0t\0'; } > collect_server.c
dd if=/dev/zero of=io.c bs=1k count=4 2> /dev/null
