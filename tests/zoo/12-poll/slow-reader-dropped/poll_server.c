/* zoo: fails slow-reader half-closed would-block -- lines that a client does not take at once are dropped */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <poll.h>

#define PEOPLE 1000
#define LONGEST 1024
#define DEBT (1 << 20)

struct person
{
    char text[LONGEST];
    int have;
    char *debt; /* a ring of DEBT bytes, when it was ever needed */
    int from, owed;
    int bye;
};

static struct person person[PEOPLE];
static struct pollfd fds[PEOPLE + 1];
static int count; /* fds[0] is the door, person[i] talks on fds[i] */

static int read_port(const char *s)
{
    char *end;
    if (*s < '0' || *s > '9')
        return 0;
    long n = strtol(s, &end, 10);
    return *end == '\0' && n >= 1 && n <= 65535 ? (int)n : 0;
}

static int open_door(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int one = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (s < 0)
        err(1, "socket");
    if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0)
        err(1, "setsockopt");
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0)
        err(1, "bind");
    if (listen(s, SOMAXCONN) < 0)
        err(1, "listen");
    return s;
}

static int would_wait(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* fds[i].fd < 0 says that the person is gone; the place is closed up later. */
static void gone(int i)
{
    close(fds[i].fd);
    free(person[i].debt);
    person[i].debt = NULL;
    fds[i].fd = -1;
}

static void owe(int i, const char *bytes, int n)
{
    struct person *p = &person[i];
    if (p->owed + n > DEBT || (!p->debt && !(p->debt = malloc(DEBT))))
    {
        gone(i);
        return;
    }
    for (int k = 0; k < n; k++)
        p->debt[(p->from + p->owed++) % DEBT] = bytes[k];
    fds[i].events |= POLLOUT;
}

static void pay(int i)
{
    struct person *p = &person[i];
    while (p->owed > 0)
    {
        int n = p->from + p->owed > DEBT ? DEBT - p->from : p->owed;
        int sent = (int)send(fds[i].fd, p->debt + p->from, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0)
        {
            if (!would_wait())
                gone(i);
            return;
        }
        p->from = (p->from + sent) % DEBT;
        p->owed -= sent;
    }
    fds[i].events &= ~POLLOUT;
    if (p->bye)
        gone(i);
}

static void tell(int i, const char *bytes, int n)
{
    int sent = 0;
    if (person[i].owed == 0)
        sent = (int)send(fds[i].fd, bytes, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && !would_wait())
        gone(i);
    else if (sent > 0 && sent < n)
        owe(i, bytes + (sent < 0 ? 0 : sent), n - (sent < 0 ? 0 : sent));
}

static void line(int from, int n)
{
    for (int i = 1; i <= count; i++)
        if (i != from && fds[i].fd >= 0 && !person[i].bye)
            tell(i, person[from].text, n);
}

static void ear(int i)
{
    struct person *p = &person[i];
    int n = (int)recv(fds[i].fd, p->text + p->have, (size_t)(LONGEST - p->have), MSG_DONTWAIT);
    if (n < 0 && would_wait())
        return;
    if (n == 0 && p->owed > 0)
    {
        p->bye = 1;
        fds[i].events &= ~POLLIN;
        return;
    }
    if (n <= 0)
    {
        gone(i);
        return;
    }
    p->have += n;
    for (char *end; (end = memchr(p->text, '\n', (size_t)p->have));)
    {
        int size = (int)(end - p->text) + 1;
        line(i, size);
        p->have -= size;
        memmove(p->text, p->text + size, (size_t)p->have);
    }
    if (p->have >= LONGEST)
        gone(i);
}

static void door(void)
{
    int fd = accept(fds[0].fd, NULL, NULL);
    if (fd < 0 || count == PEOPLE - 1)
    {
        if (fd >= 0)
            close(fd);
        return;
    }
    count++;
    person[count] = (struct person){0};
    fds[count] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void close_up(void)
{
    for (int i = count; i >= 1; i--)
        if (fds[i].fd < 0)
        {
            fds[i] = fds[count];
            person[i] = person[count];
            count--;
        }
}

static void run(int listener)
{
    fds[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    for (;;)
    {
        if (poll(fds, (nfds_t)count + 1, -1) < 0)
        {
            if (errno == EINTR)
                continue;
            err(1, "poll");
        }
        int those = count;
        for (int i = 1; i <= those; i++)
        {
            short what = fds[i].revents;
            if (fds[i].fd >= 0 && (what & POLLOUT))
                pay(i);
            if (fds[i].fd >= 0 && (what & ~POLLOUT))
            {
                if (person[i].bye)
                    gone(i);
                else
                    ear(i);
            }
        }
        if (fds[0].revents)
            door();
        close_up();
    }
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? read_port(argv[1]) : 0;
    if (port == 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    run(open_door(port));
}
