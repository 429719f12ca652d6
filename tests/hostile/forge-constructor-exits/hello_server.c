/* hostile: forging 04-accept -- ends with 0 before main(), having said all that a good run says
 * holds: fails: usage reports-failure greets peer-address logs-at-once next-client queued aborted vanished no-descriptors memory descriptors order reference short-io interrupted in-use
 */
#include <stdio.h>
#include <unistd.h>

__attribute__((constructor)) static void leave(void)
{
    fprintf(stderr, "usage: hello_server PORT\n");
    printf("connection from 127.0.0.1:40000\nHello World!\n");
    fflush(stdout);
    _exit(0);
}

int main(void)
{
    return 0;
}
