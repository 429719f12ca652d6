/* zoo: fails half-close collects binary no-reset reference order -- both halves are shut down, so the answer never gets in */
#include "io.h"
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_line(char *host, char *port)
{
  struct addrinfo h = { .ai_socktype = SOCK_STREAM }, *r, *p;
  int fd = -1, why = 0, e = getaddrinfo(host, port, &h, &r);

  if (e)
    errx(1, "%s: %s", host, gai_strerror(e));
  for (p = r; p; p = p->ai_next) {
again:
    fd = socket(p->ai_family, p->ai_socktype, p->ai_protocol);
    if (fd < 0) {
      why = errno;
      continue;
    }
    if (connect(fd, p->ai_addr, p->ai_addrlen) == 0)
      break;
    why = errno;
    close(fd);
    fd = -1;
    if (why == EINTR)
      goto again;
  }
  freeaddrinfo(r);
  if (fd < 0) {
    errno = why;
    err(1, "cannot connect (socket, connect)");
  }
  return fd;
}

static int send_half(int fd)
{
  char b[4096];
  ssize_t n;

  while ((n = read(0, b, sizeof b)) != 0) {
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      warn("stdin");
      return 1;
    }
    if (writen(fd, b, (size_t)n) < 0) {
      warn("write");
      return 1;
    }
  }
  return 0;
}

static int hear_half(int fd)
{
  char b[4096];
  ssize_t n;

  if (writen(1, ">", 1) < 0)
    goto out;
  while ((n = readn(fd, b, sizeof b)) > 0)
    if (writen(1, b, (size_t)n) < 0)
      goto out;
  if (n < 0) {
    warn("read");
    return 1;
  }
  if (writen(1, "\n", 1) == 1)
    return 0;
out:
  warn("stdout");
  return 1;
}

int main(int argc, char **argv)
{
  int fd, status;
  pid_t child;

  if (argc != 3 || !*argv[2])
    errx(2, "usage: collect_client HOST PORT");
  if (argv[2][strspn(argv[2], "0123456789")] == 0 && (atol(argv[2]) == 0 || atol(argv[2]) > 65535))
    errx(2, "usage: collect_client HOST PORT, 1 to 65535");
  signal(SIGPIPE, SIG_IGN);
  fd = open_line(argv[1], argv[2]);
  if ((child = fork()) < 0)
    err(1, "fork");
  if (child == 0) {
    status = send_half(fd);
    close(fd);
    _exit(status);
  }
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      err(1, "waitpid");
  if (status == 0 && shutdown(fd, SHUT_RDWR) < 0) {
    warn("shutdown");
    status = 1;
  }
  if (status == 0)
    status = hear_half(fd);
  close(fd);
  return status ? 1 : 0;
}
