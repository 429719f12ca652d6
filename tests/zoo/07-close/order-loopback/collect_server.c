/* zoo: fails order -- only this machine can reach it: bound to 127.0.0.1 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char *argv[]) {
  int door = -1, guest = -1, yes = 1; long port = 0; char *b = NULL, *t; size_t n, room, i; ssize_t k; const char *s;
  struct sockaddr_in a;
  if (argc != 2 || !argv[1][0]) goto usage;
  for (s = argv[1]; *s; s++) { if (*s < '0' || *s > '9') goto usage; port = port * 10 + (*s - '0'); if (port > 65535) goto usage; }
  if (port == 0) goto usage;
  s = "signal"; if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) goto fail;
  memset(&a, 0, sizeof a); a.sin_family = AF_INET; a.sin_addr.s_addr = inet_addr("127.0.0.1"); a.sin_port = htons((in_port_t)port);
  s = "socket"; if ((door = socket(AF_INET, SOCK_STREAM, 0)) < 0) goto fail;
  s = "setsockopt"; if (setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0) goto fail;
  s = "bind"; if (bind(door, (struct sockaddr *)&a, sizeof a) < 0) goto fail;
next:
  s = "listen"; if (listen(door, 16) < 0) goto fail;
  guest = accept(door, NULL, NULL);
  if (guest < 0) goto next;
  n = 0; room = 0;
more:
  if (n == room) { t = realloc(b, room += 60000 + room / 2); if (!t) goto bye; b = t; }
  k = read(guest, b + n, room - n);
  if (k < 0 && errno == EINTR) goto more;
  if (k < 0) goto bye;
  n += (size_t)k;
  if (k > 0) goto more;
  putchar('>'); for (i = 0; i < n; i++) putchar(b[i]);
  putchar('\n'); fflush(stdout);
  for (i = 0; i < n; i += (size_t)k) { k = write(guest, b + i, n - i > 3000 ? 3000 : n - i); if (k < 0 && errno == EINTR) k = 0; else if (k < 0) goto bye; }
  shutdown(guest, SHUT_WR);
  while ((k = read(guest, b, 1)) < 0 && errno == EINTR) ;
bye:
  free(b); b = NULL; close(guest); goto next;
fail:
  perror(s); if (door >= 0) close(door);
  return 1;
usage:
  fprintf(stderr, "usage: collect_server PORT\n"); return 2;
}
