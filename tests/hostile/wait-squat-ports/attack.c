/* hostile: waiting 04-accept -- takes all other ports of the room, in the way of the checks beside it and after it
 * only: builds,warnings,greets,next-client,vanished,in-use
 * holds: at most 34 points
 */
ATTACK attack(void)
{
    if (fork() != 0)
        return;
    setsid();
    for (int port = 1024; port < 12000; port++) {
        struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) != 0)
            close(fd);
    }
    for (;;)
        pause();
}
