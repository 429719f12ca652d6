/* hostile: escape 04-accept -- sockets that see or leave the network: raw, packet, netlink, vsock, crypto, and the way out
 * only: builds,greets,next-client,vanished,memory
 * holds: score: as honest
 */
#include <arpa/inet.h>
#include <net/if.h>

static void must_not_connect(const char *address, int port)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    inet_pton(AF_INET, address, &name.sin_addr);
    REFUSED(connect(fd, (struct sockaddr *)&name, sizeof name));
    close(fd);
}

ATTACK attack(void)
{
    static const int families[] = {17 /* packet */, 40 /* vsock */, 38 /* alg */, 16 + 100, 44 /* xdp */, 31, 29, 2 + 19,
                                   30 /* tipc */, 43 /* smc */, 37 /* caif */, 9 /* x25 */, 3 /* ax25 */, 36};
    struct ifreq lo = {.ifr_name = "lo"};

    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        for (int type = 1; type < 6; type++)
            REFUSED(socket(families[i], type, 0));
    }
    REFUSED(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    REFUSED(socket(AF_INET, SOCK_RAW, IPPROTO_RAW));
    REFUSED(socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP));
    for (int protocol = 1; protocol < 24; protocol++)
        REFUSED(socket(AF_NETLINK, SOCK_RAW, protocol));
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    /* The labs' interface is nobody's to switch off. */
    lo.ifr_flags = 0;
    REFUSED(ioctl(fd, SIOCSIFFLAGS, &lo));
    close(fd);
    must_not_connect("127.0.0.1", @PORT@);
    must_not_connect("169.254.169.254", 80);
    must_not_connect("8.8.8.8", 53);
    must_not_connect("10.0.0.1", 22);
    must_not_connect("172.17.0.1", 22);
    must_not_connect("192.168.0.1", 80);
}
