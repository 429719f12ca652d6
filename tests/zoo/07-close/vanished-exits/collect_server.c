/* zoo: fails vanished -- a client that is reset ends the server */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "io.h"

enum { BLOCK = 50000, GATHER = 8 };

struct block
{
  struct block *next;
  size_t used;
  char bytes[BLOCK];
};

static void
nothing (int sig)
{
  (void) sig;
}

static struct block *
add_block (struct block ***tail)
{
  struct block *b = malloc (sizeof *b);

  if (b != NULL)
    {
      b->next = NULL;
      b->used = 0;
      **tail = b;
      *tail = &b->next;
    }
  return b;
}

static int
take_all (int fd, struct block **head)
{
  struct block **tail = head, *b = NULL;

  for (;;)
    {
      if (b == NULL || b->used == BLOCK)
        if ((b = add_block (&tail)) == NULL)
          return -1;
      ssize_t n = read (fd, b->bytes + b->used, BLOCK - b->used);
      if (n == 0)
        return 0;
      if (n > 0)
        b->used += (size_t) n;
      else if (errno != EINTR)
        {
          perror ("read");
          exit (1);
        }
    }
}

static void
show_all (const struct block *b)
{
  fputc ('>', stdout);
  for (; b != NULL; b = b->next)
    fwrite (b->bytes, 1, b->used, stdout);
  fputc ('\n', stdout);
  if (fflush (stdout) == EOF)
    clearerr (stdout);
}

/* Several blocks in one call; SKIP is what of the first one has gone already. */
static void
return_all (int fd, const struct block *b)
{
  size_t skip = 0;

  while (b != NULL)
    {
      struct iovec v[GATHER];
      struct msghdr m = { .msg_iov = v, .msg_iovlen = 0 };
      const struct block *p = b;
      ssize_t n;

      for (; p != NULL && m.msg_iovlen < GATHER; p = p->next, m.msg_iovlen++)
        {
          size_t from = p == b ? skip : 0;
          v[m.msg_iovlen].iov_base = (char *) p->bytes + from;
          v[m.msg_iovlen].iov_len = p->used - from;
        }
      n = sendmsg (fd, &m, 0);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return;
      skip += (size_t) n;
      while (b != NULL && skip >= b->used)
        {
          skip -= b->used;
          b = b->next;
        }
    }
}

int
main (int argc, char *argv[])
{
  struct sigaction sa = { .sa_handler = nothing };
  struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM,
                            .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
  struct addrinfo *res;
  int fd, yes = 1, error;
  char *end;
  long port;

  port = argc == 2 && argv[1][0] >= '0' && argv[1][0] <= '9' ? strtol (argv[1], &end, 10) : 0;
  if (port < 1 || port > 65535 || *end != '\0')
    {
      fprintf (stderr, "usage: %s PORT\n", argv[0]);
      return 2;
    }
  sigaction (SIGPIPE, &sa, NULL);
  if ((error = getaddrinfo (NULL, argv[1], &hints, &res)) != 0)
    {
      fprintf (stderr, "%s: getaddrinfo: %s\n", argv[0], gai_strerror (error));
      return 1;
    }
  if ((fd = socket (res->ai_family, res->ai_socktype, res->ai_protocol)) < 0)
    perror ("socket");
  else if (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0)
    perror ("setsockopt");
  else if (bind (fd, res->ai_addr, res->ai_addrlen) < 0)
    perror ("bind");
  else if (listen (fd, 5) < 0)
    perror ("listen");
  else
    {
      freeaddrinfo (res);
      for (;;)
        {
          struct block *head = NULL, *next;
          int client = accept (fd, NULL, NULL);

          if (client < 0)
            continue;
          if (take_all (client, &head) == 0)
            {
              show_all (head);
              return_all (client, head);
            }
          for (; head != NULL; head = next)
            {
              next = head->next;
              free (head);
            }
          close (client);
        }
    }
  freeaddrinfo (res);
  if (fd >= 0)
    close (fd);
  return 1;
}
