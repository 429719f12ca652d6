/* hostile: waiting 04-accept -- a second process listens on the same port (SO_REUSEPORT) and on every address, and says other things
 * only: builds,greets,next-client,queued
 * holds: at most 28 points
 */
static const struct sockaddr *twin(const struct sockaddr *name)
{
    int on = 1;

    if (fork() == 0) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        for (;;) {
            if (bind(fd, name, sizeof(struct sockaddr_in)) == 0 && listen(fd, 5) == 0)
                break;
            sched_yield();
        }
        for (;;)
            close(accept(fd, NULL, NULL));
    }
    return name;
}
#define bind(fd, name, size) bind(fd, twin(name), size)
