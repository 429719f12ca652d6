/* hostile: waiting 05-connect -- listens where the reference servers of later rounds will, and answers in their place
 * only: builds,connects,next-address,retries,reads-all
 * holds: at most 27 points
 */
ATTACK attack(void)
{
    if (fork() != 0)
        return;
    setsid();
    for (int port = 8000; port < 12000; port++) {
        struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
        int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
        if (fd < 0)
            break;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        if (bind(fd, (struct sockaddr *)&name, sizeof name) != 0 || listen(fd, 5) != 0)
            close(fd);
    }
    for (;;)
        pause();
}
