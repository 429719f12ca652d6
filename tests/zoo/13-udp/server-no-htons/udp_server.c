/* zoo: fails echoes boundaries largest many endures descriptors order reference in-use -- the port's bytes are in the host's order */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BATCH 8
#define LARGEST 65507

static char bytes[BATCH][LARGEST];
static struct sockaddr_in from[BATCH];
static struct iovec part[BATCH];
static struct mmsghdr message[BATCH];

static void prepare(void)
{
    for (int i = 0; i < BATCH; i++) {
        part[i] = (struct iovec){bytes[i], LARGEST};
        memset(&message[i], 0, sizeof message[i]);
        message[i].msg_hdr.msg_name = &from[i];
        message[i].msg_hdr.msg_namelen = sizeof from[i];
        message[i].msg_hdr.msg_iov = &part[i];
        message[i].msg_hdr.msg_iovlen = 1;
    }
}

int main(int argc, char *argv[])
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    char *end = NULL;
    long port = argc == 2 && strspn(argv[1], "0123456789") == strlen(argv[1]) ? strtol(argv[1], &end, 10) : 0;
    int fd;

    if (port < 1 || port > 65535) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    any.sin_port = (unsigned short)port;
    if ((fd = socket(PF_INET, SOCK_DGRAM, IPPROTO_UDP)) < 0)
        err(1, "socket");
    if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0)
        err(1, "bind");
    for (;;) {
        prepare();
        int n = recvmmsg(fd, message, BATCH, MSG_WAITFORONE, NULL);
        if (n < 0 && errno != EINTR)
            warn("recvmmsg");
        for (int i = 0; i < n; i++)
            part[i].iov_len = message[i].msg_len;
        for (int sent = 0; sent < n;) {
            int m = sendmmsg(fd, message + sent, (unsigned)(n - sent), 0);
            sent += m > 0 ? m : 1;
        }
    }
}
