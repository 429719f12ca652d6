/* zoo: fails collects -- the line stays in the buffer of stdio: a server never ends, and so it never gets out */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE 1024

static void talk(int conn)
{
	char buf[PIECE];
	char *data = NULL, *more;
	size_t len = 0, sent = 0;
	ssize_t s;

	for (;;) {
		s = recv(conn, buf, sizeof(buf), 0);
		if (s < 0 && errno == EINTR)
			continue;
		if (s <= 0)
			break;
		more = realloc(data, len + (size_t)s);
		if (more == NULL) {
			s = -1;
			break;
		}
		data = more;
		memcpy(data + len, buf, (size_t)s);
		len += (size_t)s;
	}
	if (s < 0) {
		perror("recv");
		free(data);
		close(conn);
		return;
	}

	putchar('>');
	if (data != NULL)
		fwrite(data, 1, len, stdout);
	putchar('\n');

	while (sent < len) {
		s = send(conn, data + sent, len - sent, MSG_NOSIGNAL);
		if (s < 0 && errno == EINTR)
			continue;
		if (s < 0)
			break;
		sent += (size_t)s;
	}
	free(data);
	close(conn);
}

int main(int argc, char const *argv[])
{
	int listener, conn, opt = 1;
	long port = 0;
	char *end = NULL;
	struct sockaddr_in address;

	if (argc == 2 && argv[1][0] >= '0' && argv[1][0] <= '9')
		port = strtol(argv[1], &end, 10);
	if (port < 1 || port > 65535 || *end != '\0') {
		fprintf(stderr, "usage: collect_server PORT\n");
		exit(2);
	}

	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0) {
		perror("socket failed");
		exit(EXIT_FAILURE);
	}
	if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &opt, sizeof(opt)) < 0) {
		perror("setsockopt failed");
		exit(EXIT_FAILURE);
	}
	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = INADDR_ANY;
	address.sin_port = htons((in_port_t)port);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0) {
		perror("bind failed");
		exit(EXIT_FAILURE);
	}
	if (listen(listener, 16) < 0) {
		perror("listen failed");
		exit(EXIT_FAILURE);
	}

	while (1) {
		conn = accept(listener, NULL, NULL);
		if (conn < 0) {
			perror("accept");
			continue;
		}
		talk(conn);
	}
}
