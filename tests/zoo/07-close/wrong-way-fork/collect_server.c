/* zoo: fails vanished descriptors -- the parent serves and ends, the child goes back to the door: the server is gone after one client */
#include "io.h"
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *call) { perror(call); exit(1); }

/* The child needs to free nothing: its end gives everything back. It does so all the same. */
static int child(int conn)
{
	size_t used = 0, size = 1000;
	char *all = malloc(size), *more;
	ssize_t got;

	while (all != NULL) {
		got = readn(conn, all + used, size - used);
		if (got == -1) {
			free(all);
			return 1;
		}
		used += (size_t)got;
		if (used < size)
			break;
		if ((more = realloc(all, size *= 3)) == NULL)
			free(all);
		all = more;
	}
	if (all == NULL)
		return 1;
	writen(1, ">", 1);
	writen(1, all, used);
	writen(1, "\n", 1);
	writen(conn, all, used);
	free(all);
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT };
	int door, conn, no = 0, yes = 1;
	unsigned port = 0;
	const char *c = argc == 2 ? argv[1] : "";

	for (; *c >= '0' && *c <= '9' && port <= 65535; c++)
		port = 10 * port + (unsigned)(*c - '0');
	if (*c != '\0' || port == 0 || port > 65535) {
		fputs("usage: collect_server PORT (1 to 65535)\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if ((door = socket(AF_INET6, SOCK_STREAM, 0)) == -1)
		die("socket");
	if (setsockopt(door, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) == -1 ||
	    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
		die("setsockopt");
	any.sin6_port = htons((in_port_t)port);
	if (bind(door, (struct sockaddr *)&any, sizeof any) == -1)
		die("bind");
	if (listen(door, 64) == -1)
		die("listen");
	while (1) {
		pid_t pid;

		if ((conn = accept(door, NULL, NULL)) == -1)
			continue;
		pid = fork();
		if (pid > 0) {
			int status;

			close(door);
			status = child(conn);
			close(conn);
			_exit(status);
		}
		close(conn);
		if (pid == -1)
			perror("fork");
		while (pid != -1 && waitpid(pid, NULL, 0) == -1 && errno == EINTR)
			;
	}
}
