# hostile: compiler 06-read-write -- object files, archives and linker scripts beside the sources, under names that linkers look for
# only: builds,usage
# holds: score: as honest
printf 'int main(void) { return 1; }\n' > evil.c
cc -c evil.c -o io.o || { echo "no compiler"; exit 77; }
rm evil.c
cp io.o echo_server.o && cp io.o crtbegin.o && cp io.o libc.a
echo 'GROUP ( /etc/shadow )' > libc.so
echo 'INPUT(/etc/shadow)' > libasan.so
