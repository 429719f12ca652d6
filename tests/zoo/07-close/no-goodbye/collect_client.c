/* zoo: fails half-close collects binary empty reference order reports-failure -- it never says that it has finished: both sides wait for each other */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int usage(void)
{
	fprintf(stderr, "usage: collect_client HOST PORT\n");
	return 2;
}

static int find(const char *host, const char *port)
{
	struct addrinfo hints, *list, *one;
	int sock_fd = -1, saved = 0, rc;

	memset(&hints, 0, sizeof(hints));
	hints.ai_family = AF_UNSPEC;
	hints.ai_socktype = SOCK_STREAM;
	rc = getaddrinfo(host, port, &hints, &list);
	if (rc != 0) {
		fprintf(stderr, "getaddrinfo: %s\n", rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
		return -1;
	}
	for (one = list; one != NULL; one = one->ai_next) {
		sock_fd = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
		if (sock_fd < 0) {
			saved = errno;
			continue;
		}
		while (connect(sock_fd, one->ai_addr, one->ai_addrlen) < 0) {
			saved = errno;
			close(sock_fd);
			sock_fd = -1;
			if (saved != EINTR)
				break;
			sock_fd = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
			if (sock_fd < 0)
				break;
		}
		if (sock_fd >= 0)
			break;
	}
	freeaddrinfo(list);
	if (sock_fd < 0)
		fprintf(stderr, "socket or connect failed: %s\n", strerror(saved));
	return sock_fd;
}

int main(int argc, char const *argv[])
{
	char buffer[1024];
	const char *data;
	ssize_t s, len;
	int sock_fd;

	if (argc != 3 || argv[2][0] == '\0')
		return usage();
	if (strspn(argv[2], "0123456789") == strlen(argv[2]) && (atol(argv[2]) < 1 || atol(argv[2]) > 65535))
		return usage();
	sock_fd = find(argv[1], argv[2]);
	if (sock_fd < 0)
		return EXIT_FAILURE;

	while ((len = read(STDIN_FILENO, buffer, sizeof(buffer))) != 0) {
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0) {
			perror("read stdin");
			close(sock_fd);
			return EXIT_FAILURE;
		}
		data = buffer;
		while (len > 0) {
			s = send(sock_fd, data, (size_t)len, MSG_NOSIGNAL);
			if (s < 0 && errno == EINTR)
				continue;
			if (s < 0) {
				perror("send");
				close(sock_fd);
				return EXIT_FAILURE;
			}
			data += s;
			len -= s;
		}
	}

	printf(">");
	while ((s = recv(sock_fd, buffer, sizeof(buffer), 0)) != 0) {
		if (s < 0 && errno == EINTR)
			continue;
		if (s < 0) {
			perror("recv");
			close(sock_fd);
			return EXIT_FAILURE;
		}
		fwrite(buffer, 1, (size_t)s, stdout);
	}
	printf("\n");
	close(sock_fd);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		perror("stdout");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
