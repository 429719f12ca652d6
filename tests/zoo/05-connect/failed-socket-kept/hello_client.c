/* zoo: fails fresh-socket descriptors -- a socket whose connect() failed is never closed */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#define NTRY 5

static int
tcp_open(const struct sockaddr *to, socklen_t tolen, const char **bad)
{
	int fd, err = 0, off = 0;
	socklen_t len = sizeof(err);
	fd_set w;

	if ((fd = socket(AF_INET6, SOCK_STREAM, 0)) < 0) {
		*bad = "socket";
		return (-1);
	}
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (connect(fd, to, tolen) < 0) {
		*bad = "connect";
		err = errno;
		if (err == EINTR) {
			do {
				FD_ZERO(&w);
				FD_SET(fd, &w);
			} while (select(fd + 1, NULL, &w, NULL, NULL) < 0);
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
			if (err == 0)
				return (fd);
		}
		errno = err;
		return (-1);
	}
	return (fd);
}

int
main(int argc, char **argv)
{
	struct addrinfo hints, *res, *ressave;
	struct timespec ts;
	const char *bad = "connect";
	char line[BUFSIZ], *p;
	ssize_t n, k;
	int fd = -1, i, rc, digits = 1, value = 0;

	if (argc == 3) {
		for (p = argv[2]; *p != '\0'; p++) {
			if (*p < '0' || *p > '9')
				digits = 0;
			else if (value <= 65535)
				value = value * 10 + *p - '0';
		}
	}
	if (argc != 3 || (digits && (value < 1 || value > 65535))) {
		fprintf(stderr, "usage: hello_client <host> <port>\n");
		exit(2);
	}
	signal(SIGPIPE, SIG_IGN);

	memset(&hints, 0, sizeof(hints));
	hints.ai_family = AF_INET6;
	hints.ai_flags = AI_V4MAPPED | AI_ALL;
	hints.ai_socktype = SOCK_STREAM;
	rc = *argv[2] == '+' || *argv[2] == ' ' ? EAI_SERVICE
	    : getaddrinfo(argv[1], argv[2], &hints, &res);
	if (rc != 0) {
		fprintf(stderr, "hello_client: %s, %s: %s\n", argv[1], argv[2], gai_strerror(rc));
		exit(1);
	}
	ressave = res;
	for (i = 0; i < NTRY && fd < 0; i++) {
		if (i > 0) {
			ts.tv_sec = 0;
			ts.tv_nsec = 200 * 1000 * 1000;
			while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
				;
		}
		for (res = ressave; res != NULL && fd < 0; res = res->ai_next)
			fd = tcp_open(res->ai_addr, res->ai_addrlen, &bad);
	}
	if (fd < 0) {
		fprintf(stderr, "hello_client: %s: %s\n", bad, strerror(errno));
		exit(1);
	}
	freeaddrinfo(ressave);

	while ((n = read(fd, line, sizeof(line))) != 0) {
		if (n < 0) {
			if (errno == EINTR)
				continue;
			fprintf(stderr, "hello_client: read: %s\n", strerror(errno));
			exit(1);
		}
		for (p = line; n > 0; p += k, n -= k) {
			if ((k = write(1, p, n)) < 0) {
				if (errno != EINTR) {
					fprintf(stderr, "hello_client: write: %s\n", strerror(errno));
					exit(1);
				}
				k = 0;
			}
		}
	}
	close(fd);
	exit(0);
}
