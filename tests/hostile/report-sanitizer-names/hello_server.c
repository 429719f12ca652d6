/* hostile: report 04-accept -- a sanitizer's report with files whose names are escape sequences and markup
 * only: builds,memory
 * holds: fails: memory
 * holds: report has no: \0033[
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#line 7 "<img src=x>\033[2J/etc/shadow"
static void overrun(char *room, size_t size)
{
    memset(room, 'x', size + 1);
}
#line 20 "hello_server.c"
int main(int argc, char *argv[])
{
    char *room = malloc(13);

    if (argc > 1 && room)
        overrun(room, 13 + (argv[0] == NULL));
    free(room);
    return 1;
}
