/* hostile: compiler 04-accept -- debug sections of garbage, in place of the compiler's
 * only: builds,greets
 * holds: at most 4 points
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

/* Lengths that run over the end, forms that do not exist, abbreviations that refer to themselves. */
__asm__(".section .debug_info,\"\",@progbits\n.long 0x7ffffff0\n.value 4\n.long 0\n.byte 8\n.uleb128 1\n.fill 4096,1,0xff\n"
        ".section .debug_abbrev,\"\",@progbits\n.uleb128 1\n.uleb128 0x11\n.byte 1\n.uleb128 0x7fff\n.uleb128 0x7fff\n.fill 512,1,0x80\n"
        ".section .debug_line,\"\",@progbits\n.long 0xfffffff0\n.value 65535\n.fill 4096,1,0xfe\n"
        ".section .debug_str,\"MS\",@progbits,1\n.fill 1000,1,0x41\n"
        ".section .debug_frame,\"\",@progbits\n.long 0xffffffff\n.quad -1\n.fill 256,1,0xff\n.text\n");

int main(int argc, char *argv[])
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (argc < 2)
        return 2;
    name.sin_port = htons((in_port_t)atoi(argv[1]));
    if (bind(fd, (struct sockaddr *)&name, sizeof name) != 0 || listen(fd, 5) != 0)
        return 1;
    for (;;) {
        int conn = accept(fd, NULL, NULL);
        if (write(conn, "wrong", 5) != 5)
            return 1;
        close(conn);
    }
}
