/* zoo: fails descriptors -- for each client a log file is opened and never closed */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define HALF 6000

static int
usage(void)
{
  fprintf(stderr, "usage: echo_server PORT\n");
  return 2;
}

static void
echo(int fd)
{
  char left[HALF], right[HALF];
  int log = open("/dev/null", O_WRONLY | O_APPEND);

  if (log >= 0 && write(log, "client\n", 7) != 7)
    perror("log");

  for (;;)
    {
      struct iovec iov[2] = { { left, HALF }, { right, HALF } };
      ssize_t got = readv(fd, iov, 2);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return;
      iov[0].iov_len = got < HALF ? (size_t)got : HALF;
      iov[1].iov_len = got < HALF ? 0 : (size_t)got - HALF;
      while (iov[0].iov_len + iov[1].iov_len > 0)
        {
          struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
          ssize_t put = sendmsg(fd, &msg, MSG_NOSIGNAL);

          if (put < 0 && errno == EINTR)
            continue;
          if (put < 0)
            return;
          for (int i = 0; i < 2; i++)
            {
              size_t part = (size_t)put < iov[i].iov_len ? (size_t)put : iov[i].iov_len;

              iov[i].iov_base = (char *)iov[i].iov_base + part;
              iov[i].iov_len -= part;
              put -= (ssize_t)part;
            }
        }
    }
}

int
main(int argc, char **argv)
{
  struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_family = AF_INET,
                            .ai_socktype = SOCK_STREAM };
  struct addrinfo *res;
  int yes = 1, status, sock;
  const char *digits;

  if (argc != 2 || *argv[1] == '\0')
    return usage();
  digits = argv[1] + strspn(argv[1], "0");
  if (strspn(digits, "0123456789") != strlen(digits) || strlen(digits) > 5 || *digits == '\0'
      || atoi(digits) > 65535)
    return usage();
  if ((status = getaddrinfo(NULL, digits, &hints, &res)) != 0)
    {
      fprintf(stderr, "getaddrinfo: %s\n", gai_strerror(status));
      return 1;
    }
  sock = socket(res->ai_family, res->ai_socktype, res->ai_protocol);
  if (sock < 0)
    {
      perror("socket");
      freeaddrinfo(res);
      return 1;
    }
  if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0
      || bind(sock, res->ai_addr, res->ai_addrlen) < 0)
    {
      perror("setsockopt or bind");
      freeaddrinfo(res);
      close(sock);
      return 1;
    }
  freeaddrinfo(res);
  if (listen(sock, 5) < 0)
    {
      perror("listen");
      close(sock);
      return 1;
    }
  while (1)
    {
      struct sockaddr_storage who;
      socklen_t len = sizeof who;
      int fd = accept(sock, (struct sockaddr *)&who, &len);

      if (fd < 0)
        continue;
      echo(fd);
      shutdown(fd, SHUT_RDWR);
      close(fd);
    }
}
