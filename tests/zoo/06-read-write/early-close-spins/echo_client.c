/* zoo: fails early-close -- end of file from the server is read again and again */
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "io.h"

static int reach(char *host, char *port)
{
        struct addrinfo h = { .ai_socktype = SOCK_STREAM }, *r, *p;
        int e = getaddrinfo(host, port, &h, &r), s = -1, why = 0;

        if (e)
                errx(1, "%s: %s", host, e == EAI_SYSTEM ? strerror(errno) : gai_strerror(e));
        for (p = r; p != NULL; p = p->ai_next) {
                do {
                        if ((s = socket(p->ai_family, p->ai_socktype, 0)) == -1) {
                                why = errno;
                                break;
                        }
                        if (connect(s, p->ai_addr, p->ai_addrlen) == 0)
                                goto done;
                        why = errno;
                        close(s);
                        s = -1;
                } while (why == EINTR);
        }
done:
        freeaddrinfo(r);
        if (s == -1) {
                errno = why;
                err(1, "socket/connect");
        }
        return s;
}

/* The child. Its last act is to tell the parent how many bytes are owed, or -1 for a failure it has already named. */
static _Noreturn void sender(int s, int tell)
{
        static char buf[5000];
        long long sent = 0;
        ssize_t n;

        for (;;) {
                n = read(0, buf, sizeof buf);
                if (n == -1 && errno == EINTR)
                        continue;
                if (n == -1)
                        warn("read stdin");
                if (n == 0)
                        break;
                if (n == -1 || writen(s, buf, (size_t)n) == -1) {
                        if (n != -1)
                                warn("write");
                        sent = -1;
                        break;
                }
                sent += n;
        }
        writen(tell, &sent, sizeof sent);
        close(tell);
        close(s);
        _exit(0);
}

int main(int argc, char *argv[])
{
        static char buf[5000];
        long long returned = 0, owed = 0;
        int s, told = 0, status = 1, p[2];
        pid_t pid;

        if (argc != 3)
                errx(2, "usage: echo_client HOST PORT");
        if (strspn(argv[2], "0123456789") == strlen(argv[2])) {
                char *nz = argv[2] + strspn(argv[2], "0");
                if (*nz == '\0' || strlen(nz) > 5 || atoi(nz) > 65535)
                        errx(2, "usage: echo_client HOST PORT (1 to 65535)");
        }
        signal(SIGPIPE, SIG_IGN);
        s = reach(argv[1], argv[2]);
        if (pipe(p) == -1 || (pid = fork()) == -1)
                err(1, "pipe/fork");
        if (pid == 0) {
                close(p[0]);
                sender(s, p[1]);
        }
        close(p[1]);
        while (!told || returned < owed) {
                struct pollfd w[2] = { { s, POLLIN, 0 }, { told ? -1 : p[0], POLLIN, 0 } };

                if (poll(w, 2, -1) == -1) {
                        if (errno == EINTR)
                                continue;
                        warn("poll");
                        goto out;
                }
                if (w[1].revents) {
                        if (readn(p[0], &owed, sizeof owed) != sizeof owed || owed == -1)
                                goto out;
                        told = 1;
                        continue;
                }
                ssize_t n = read(s, buf, sizeof buf);
                if (n == -1 && errno == EINTR)
                        continue;
                if (n == -1) {
                        warn("read");
                        goto out;
                }
                returned += n;
                if (writen(1, buf, (size_t)n) == -1) {
                        warn("write stdout");
                        goto out;
                }
        }
        status = 0;
out:
        /* A sender that still waits for stdin or for the server has nothing left to do. */
        if (status)
                kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
                ;
        close(p[0]);
        close(s);
        return status;
}
