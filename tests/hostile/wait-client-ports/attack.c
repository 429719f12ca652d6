/* hostile: waiting 04-accept -- takes the ports from which the grader's clients come, before it listens
 * only: builds,greets,next-client,aborted
 * options: --jobs 1
 * holds: at most 28 points
 */
ATTACK attack(void)
{
    for (int port = 40000; port < 40900; port++) {
        struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) != 0)
            break;
    }
}
