/* hostile: exhaustion 04-accept -- connections to itself until there are no ports or descriptors left, then it serves
 * only: builds,greets,next-client,vanished
 * holds: score: as honest
 */
ATTACK attack(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;
    int door = socket(AF_INET, SOCK_STREAM, 0), last = door;

    if (bind(door, (struct sockaddr *)&name, size) == 0 && listen(door, 1000) == 0 &&
        getsockname(door, (struct sockaddr *)&name, &size) == 0) {
        for (;;) {
            int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
            if (fd < 0)
                break;
            last = fd;
            connect(fd, (struct sockaddr *)&name, size);
        }
    }
    for (int fd = door; fd <= last; fd++)
        close(fd);
}
