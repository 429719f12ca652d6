/* zoo: fails usage -- the usage line goes to stdout and the exit status is 1 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#define MESSAGE "Hello World!\n"

static void
serve_client (int fd)
{
  size_t done = 0;

  while (done < strlen (MESSAGE))
    {
      ssize_t n = write (fd, &MESSAGE[done], strlen (MESSAGE) - done);
      if (n > 0)
        done += (size_t) n;
      else if (errno != EINTR)
        break;
    }
  close (fd);
}

static int
make_socket (int port)
{
  struct sockaddr_in name;
  int one = 1;
  int sock = socket (AF_INET, SOCK_STREAM, 0);

  if (sock < 0)
    {
      perror ("socket");
      exit (EXIT_FAILURE);
    }
  if (setsockopt (sock, SOL_SOCKET, SO_REUSEADDR, &one, sizeof (one)) < 0)
    {
      perror ("setsockopt");
      exit (EXIT_FAILURE);
    }
  memset (&name, 0, sizeof (name));
  name.sin_family = AF_INET;
  name.sin_port = htons ((uint16_t) port);
  name.sin_addr.s_addr = htonl (INADDR_ANY);
  if (bind (sock, (struct sockaddr *) &name, sizeof (name)) < 0)
    {
      perror ("bind");
      exit (EXIT_FAILURE);
    }
  if (listen (sock, 20) < 0)
    {
      perror ("listen");
      exit (EXIT_FAILURE);
    }
  return sock;
}

int
main (int argc, char **argv)
{
  char *end = NULL;
  long port = 0;
  int sock;

  if (argc == 2 && argv[1][0] >= '0' && argv[1][0] <= '9')
    port = strtol (argv[1], &end, 10);
  if (end == NULL || *end != '\0' || port < 1 || port > 65535)
    {
      printf ("Usage: hello_server PORT\n");
      return 1;
    }
  signal (SIGPIPE, SIG_IGN);
  signal (SIGCHLD, SIG_IGN);
  sock = make_socket ((int) port);

  for (;;)
    {
      struct sockaddr_in client;
      socklen_t size = sizeof (client);
      int fd = accept (sock, (struct sockaddr *) &client, &size);
      pid_t pid;

      if (fd < 0)
        continue;
      dprintf (STDOUT_FILENO, "connection from %s:%hu\n", inet_ntoa (client.sin_addr),
               ntohs (client.sin_port));
      pid = fork ();
      if (pid == 0)
        {
          close (sock);
          serve_client (fd);
          _exit (0);
        }
      if (pid < 0)
        serve_client (fd);
      else
        close (fd);
    }
}
