/* zoo: fails interrupted -- a read that a signal has interrupted ends the program */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static long
number(const char *s, long lo, long hi)
{
	char *end;
	long n;

	if (*s < '0' || *s > '9')
		return (-1);
	n = strtol(s, &end, 10);
	return (*end != '\0' || n < lo || n > hi ? -1 : n);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in6 sa;
	socklen_t len = sizeof(sa);
	struct iovec v[2];
	char one[1], more[511];
	int s, off = 0, on = 1;
	ssize_t n;

	if (argc != 3 || number(argv[1], 0, 65535) < 0 || number(argv[2], 1, 4096) < 0) {
		fprintf(stderr, "usage: listener port backlog\n");
		exit(2);
	}
	signal(SIGPIPE, SIG_IGN);

	if ((s = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP)) < 0)
		err(1, "socket");
	if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		err(1, "setsockopt SO_REUSEADDR");
	if (setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0)
		err(1, "setsockopt IPV6_V6ONLY");
	memset(&sa, 0, sizeof(sa));
	sa.sin6_family = AF_INET6;
	sa.sin6_addr = in6addr_any;
	sa.sin6_port = htons((in_port_t)number(argv[1], 0, 65535));
	if (bind(s, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		err(1, "bind");
	if (listen(s, (int)number(argv[2], 1, 4096)) < 0)
		err(1, "listen");
	if (getsockname(s, (struct sockaddr *)&sa, &len) < 0)
		err(1, "getsockname");
	if (printf("listening on 0.0.0.0:%u backlog %ld\n", ntohs(sa.sin6_port), number(argv[2], 1, 4096)) < 0 ||
	    fflush(stdout) != 0)
		warn("stdout");

	v[0].iov_base = one;
	v[0].iov_len = sizeof(one);
	v[1].iov_base = more;
	v[1].iov_len = sizeof(more);
	while ((n = readv(STDIN_FILENO, v, 2)) != 0)
		if (n < 0)
			err(1, "readv");
	close(s);
	exit(0);
}
