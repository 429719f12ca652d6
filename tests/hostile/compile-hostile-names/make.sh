# hostile: compiler 04-accept -- files whose names are options, response files, plugins and commands; they are not handed in
# holds: score: as honest
# holds: report has no: SUCCEEDED
for name in -fplugin=evil.so @hello_server.c -o --help '-Wl,-rpath' 'a;touch hostile-made' '$(touch hostile-made)' \
    '`touch hostile-made`' '..c' ' ' '*' hello_server.s specs crt1.o libc.so cc1 as ld stdio.h io.h a.out; do
    printf '#error "SUCCEEDED: a stray file was used"\nint main(void) { return 1; }\n' > "./$name"
done
echo '-include /etc/shadow' > @options
mkdir -p sys include .git && echo '#error "SUCCEEDED: a stray header was used"' | tee sys/socket.h include/stdio.h > .git/config
