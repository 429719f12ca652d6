/* zoo: fails reset -- a client that is reset ends the server: error() is for calls that it cannot do without */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/types.h>
#include <sys/socket.h>
#include "io.h"

#define MAXBUF 4096

static int to_port(char *s)
{
	char *end;
	long p;

	if (*s < '0' || *s > '9')
		return -1;
	errno = 0;
	p = strtol(s, &end, 10);
	if (errno || *end || p < 1 || p > 65535)
		return -1;
	return (int)p;
}

static void error(char *msg)
{
	perror(msg);
	exit(1);
}

static void do_echo(int connfd)
{
	char buf[MAXBUF];
	ssize_t n;

	for (;;) {
		n = read(connfd, buf, MAXBUF);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			error("ERROR reading from socket");
		}
		if (n == 0)
			return;
		if (writen(connfd, buf, n) < 0) {
			perror("ERROR writing to socket");
			return;
		}
	}
}

int main(int argc, char *argv[])
{
	int listenfd, connfd, portno, optval = 1;
	struct sockaddr_in serveraddr;

	if (argc != 2 || (portno = to_port(argv[1])) < 0) {
		fprintf(stderr, "usage: %s PORT\n", argv[0]);
		exit(2);
	}
	signal(SIGPIPE, SIG_IGN);

	listenfd = socket(AF_INET, SOCK_STREAM, 0);
	if (listenfd < 0)
		error("ERROR opening socket");
	if (setsockopt(listenfd, SOL_SOCKET, SO_REUSEADDR, &optval, sizeof(optval)) < 0)
		error("ERROR on setsockopt");

	memset(&serveraddr, 0, sizeof(serveraddr));
	serveraddr.sin_family = AF_INET;
	serveraddr.sin_addr.s_addr = htonl(INADDR_ANY);
	serveraddr.sin_port = htons((unsigned short)portno);
	if (bind(listenfd, (struct sockaddr *)&serveraddr, sizeof(serveraddr)) < 0)
		error("ERROR on bind");
	if (listen(listenfd, 10) < 0)
		error("ERROR on listen");

	while (1) {
		connfd = accept(listenfd, NULL, NULL);
		if (connfd < 0) {
			if (errno != EINTR)
				perror("ERROR on accept");
			continue;
		}
		do_echo(connfd);
		close(connfd);
	}
}
