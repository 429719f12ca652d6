/* hostile: exhaustion 04-accept -- recursion without end, in processes that fill the system's log
 * only: greets,usage
 * holds: score: 0
 */
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static int deeper(int depth)
{
    char room[4096];

    memset(room, depth, sizeof room);
    return deeper(depth + 1) + room[depth % 4096];
}

int main(void)
{
    for (int i = 0; i < 10000; i++)
        syslog(LOG_USER | LOG_EMERG, "hostile: a line in the host's log");
    if (fork() == 0)
        return deeper(0);
    return deeper(1);
}
