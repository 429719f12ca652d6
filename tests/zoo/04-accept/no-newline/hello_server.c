/* zoo: fails greets reference -- the greeting has no newline: 12 bytes */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

int main(int argc, char *argv[])
{
	int sockfd, newfd, i, opt = 1, port = 0;
	struct sockaddr_in my_addr, their_addr;
	socklen_t sin_size;
	sigset_t set;
	unsigned char ip[4];
	const char *msg = "Hello World!";

	if (argc == 2 && strlen(argv[1]) > 0)
		for (i = 0; argv[1][i]; i++) {
			if (argv[1][i] < '0' || argv[1][i] > '9' || port > 65535) {
				port = 0;
				break;
			}
			port = port * 10 + argv[1][i] - '0';
		}
	if (port <= 0 || port > 65535) {
		fprintf(stderr, "usage: hello_server PORT\n");
		exit(2);
	}

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigprocmask(SIG_BLOCK, &set, NULL);

	sockfd = socket(PF_INET, SOCK_STREAM, 0);
	if (sockfd == -1) {
		perror("socket");
		exit(1);
	}
	if (setsockopt(sockfd, SOL_SOCKET, SO_REUSEADDR, &opt, sizeof(int)) == -1) {
		perror("setsockopt");
		exit(1);
	}
	memset(&my_addr, 0, sizeof(my_addr));
	my_addr.sin_family = AF_INET;
	my_addr.sin_port = htons(port);
	my_addr.sin_addr.s_addr = INADDR_ANY;
	if (bind(sockfd, (struct sockaddr *)&my_addr, sizeof(struct sockaddr)) == -1) {
		perror("bind");
		exit(1);
	}
	if (listen(sockfd, 5) == -1) {
		perror("listen");
		exit(1);
	}

	while (1) {
		sin_size = sizeof(their_addr);
		newfd = accept(sockfd, (struct sockaddr *)&their_addr, &sin_size);
		if (newfd == -1) {
			perror("accept");
			continue;
		}
		memcpy(ip, &their_addr.sin_addr, 4);
		printf("connection from %d.%d.%d.%d", ip[0], ip[1], ip[2], ip[3]);
		printf(":%d\n", ntohs(their_addr.sin_port));
		fflush(stdout);
		i = 0;
		while (i < 12) {
			if (write(newfd, msg + i, 1) == 1)
				i++;
			else if (errno != EINTR)
				break;
		}
		close(newfd);
	}
	return 0;
}
