/* hostile: escape 04-accept -- serves by 32-bit and x32 calls, which the filter and the tracer would read as others
 * only: greets,next-client
 * holds: score: 0
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static long call32(long number, long a, long b, long c)
{
    long result;

    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return (int)result;
}

static long call_x32(long number, long a, long b, long c)
{
    long result;

    __asm__ volatile("syscall" : "=a"(result) : "a"(number | 0x40000000), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return result;
}

/* Static, so that its address fits 32 bits. */
static struct sockaddr_in name = {.sin_family = AF_INET};

int main(int argc, char *argv[])
{
    long fd = call32(359 /* socket */, AF_INET, SOCK_STREAM, 0);

    if (fd < 0)
        fd = call_x32(41, AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return 77;
    name.sin_port = htons((in_port_t)atoi(argc > 1 ? argv[1] : "0"));
    call32(361 /* bind */, fd, (long)&name, sizeof name);
    call32(363 /* listen */, fd, 5, 0);
    for (;;) {
        long conn = call32(364 /* accept4 */, fd, 0, 0);
        call32(4 /* write */, conn, (long)"Hello World!\n", 13);
        call32(6 /* close */, conn, 0, 0);
    }
}
