/* zoo: fails usage -- the socket is opened before the type has been looked at */
#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	int s, f, t, p, domain, type, protocol;
	socklen_t n;
	bool inet, stream;

	if (argc != 3)
		goto usage;
	if (!strcmp(argv[1], "inet"))
		domain = AF_INET;
	else if (!strcmp(argv[1], "inet6"))
		domain = AF_INET6;
	else if (!strcmp(argv[1], "unix"))
		domain = AF_UNIX;
	else
		goto usage;

	sigaction(SIGPIPE, &ignore, NULL);
	inet = domain != AF_UNIX;
	stream = !strcmp(argv[2], "stream");
	type = stream ? SOCK_STREAM : SOCK_DGRAM;
	protocol = !inet ? 0 : stream ? IPPROTO_TCP : IPPROTO_UDP;
	if ((s = socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol)) < 0)
		err(1, "socket");
	if (!stream && strcmp(argv[2], "dgram")) {
		close(s);
		goto usage;
	}
	n = sizeof(f);
	if (getsockopt(s, SOL_SOCKET, SO_DOMAIN, &f, &n) < 0)
		err(1, "getsockopt(SO_DOMAIN)");
	n = sizeof(t);
	if (getsockopt(s, SOL_SOCKET, SO_TYPE, &t, &n) < 0)
		err(1, "getsockopt(SO_TYPE)");
	n = sizeof(p);
	if (getsockopt(s, SOL_SOCKET, SO_PROTOCOL, &p, &n) < 0)
		err(1, "getsockopt(SO_PROTOCOL)");
	if (dprintf(STDOUT_FILENO, "fd=%d family=%s type=%s protocol=%s\n", s,
	    f == AF_INET ? "inet" : f == AF_INET6 ? "inet6" : f == AF_UNIX ? "unix" : "?",
	    t == SOCK_STREAM ? "stream" : t == SOCK_DGRAM ? "dgram" : "?",
	    p == 0 ? "none" : p == IPPROTO_TCP ? "tcp" : p == IPPROTO_UDP ? "udp" : "?") < 0)
		err(1, "stdout");
	close(s);
	return (0);
usage:
	fputs("usage: sockinfo family type\n", stderr);
	return (2);
}
