/* hostile: exhaustion 04-accept -- calls that are traced and lead nowhere, without end
 * only: greets,next-client
 * holds: score: 0
 */
#include <sys/socket.h>
#include <unistd.h>
int main(void)
{
    for (;;) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        listen(fd, 1);
        close(fd);
    }
}
