/* zoo: fails ephemeral reports-failure order -- the name is printed as it was asked for, the kernel is never asked */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int
failed(const char *call)
{
	perror(call);
	return (1);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in6 sa;
	struct in_addr v4;
	char buf[INET6_ADDRSTRLEN], *p;
	long port;
	int fd, off = 0, on = 1, mapped, n;

	memset(&sa, 0, sizeof(sa));
	sa.sin6_family = AF_INET6;
	if (argc != 3 || argv[2][0] < '0' || argv[2][0] > '9')
		goto usage;
	port = strtol(argv[2], &p, 10);
	if (*p != '\0' || port > 65535)
		goto usage;
	sa.sin6_port = htons((in_port_t)port);
	mapped = inet_pton(AF_INET, argv[1], &v4) == 1;
	if (mapped) {
		sa.sin6_addr.s6_addr[10] = sa.sin6_addr.s6_addr[11] = 0xff;
		memcpy(&sa.sin6_addr.s6_addr[12], &v4, sizeof(v4));
	} else if (inet_pton(AF_INET6, argv[1], &sa.sin6_addr) != 1)
		goto usage;

	signal(SIGPIPE, SIG_IGN);
	if ((fd = socket(AF_INET6, SOCK_STREAM, 0)) < 0)
		return (failed("socket"));
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return (failed("setsockopt"));
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return (failed("bind"));
	if (mapped) {
		/* With the mapped wildcard address the kernel may call it :: afterwards. */
		if (!IN6_IS_ADDR_V4MAPPED(&sa.sin6_addr))
			memset(&sa.sin6_addr, 0, sizeof(sa.sin6_addr));
		inet_ntop(AF_INET, &sa.sin6_addr.s6_addr[12], buf, sizeof(buf));
		n = printf("bound %s:%u\n", buf, ntohs(sa.sin6_port));
	} else {
		inet_ntop(AF_INET6, &sa.sin6_addr, buf, sizeof(buf));
		n = printf("bound [%s]:%u\n", buf, ntohs(sa.sin6_port));
	}
	if (n < 0 || fflush(stdout) != 0)
		return (failed("stdout"));
	close(fd);
	return (0);
usage:
	fprintf(stderr, "usage: bindname address port\n");
	return (2);
}
