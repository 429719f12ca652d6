/* zoo: fails interrupted -- a read that a signal interrupted is taken for the end of the client */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
static void nothing(int sig) { (void)sig; }
int main(int argc, char *argv[]) {
  int door = -1, guest = -1, yes = 1; long port = 0; char b[9973]; ssize_t n, m, i; const char *s;
  struct sockaddr_in a; struct sigaction sa = {.sa_handler = nothing};
  if (argc != 2 || !argv[1][0]) goto usage;
  for (s = argv[1]; *s; s++) { if (*s < '0' || *s > '9') goto usage; port = port * 10 + (*s - '0'); if (port > 65535) goto usage; }
  if (port == 0) goto usage;
  sigaction(SIGPIPE, &sa, NULL);
  memset(&a, 0, sizeof a); a.sin_family = AF_INET; a.sin_addr.s_addr = inet_addr("0.0.0.0"); a.sin_port = htons((in_port_t)port);
  s = "socket"; if ((door = socket(AF_INET, SOCK_STREAM, 0)) < 0) goto fail;
  s = "setsockopt"; if (setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0) goto fail;
  s = "bind"; if (bind(door, (struct sockaddr *)&a, sizeof a) < 0) goto fail;
  s = "listen"; if (listen(door, 5) < 0) goto fail;
next:
  guest = accept(door, NULL, NULL);
  if (guest < 0) goto next;
more:
  n = read(guest, b, sizeof b);
  if (n <= 0) goto bye;
  for (i = 0; i < n; i += m) { m = write(guest, b + i, (size_t)(n - i)); if (m < 0 && errno == EINTR) m = 0; else if (m < 0) goto bye; }
  goto more;
bye:
  close(guest); goto next;
fail:
  perror(s); if (door >= 0) close(door);
  return 1;
usage:
  fprintf(stderr, "usage: echo_server PORT\n"); return 2;
}
