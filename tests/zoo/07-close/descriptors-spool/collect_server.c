/* zoo: fails descriptors -- for each client a file is opened and never closed */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int door, conn;
char *text;
size_t length;

bool listen_to_client(void)
{
    FILE *memory = open_memstream(&text, &length);
    char piece[5003];
    ssize_t n = -1;

    if (memory == NULL) {
        text = NULL;
        return false;
    }
    for (;;) {
        n = read(conn, piece, sizeof piece);
        if (n == -1 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        if (fwrite(piece, 1, (size_t)n, memory) != (size_t)n) {
            n = -1;
            break;
        }
    }
    if (fclose(memory) == EOF)
        n = -1;
    return n == 0;
}

/* stdio must not see EINTR or an error half way: what it had in its buffer would be gone. So it gets no buffer. */
void answer_client(void)
{
    int twin = dup(conn);
    FILE *out = twin == -1 ? NULL : fdopen(twin, "w");
    size_t at = 0;

    if (out == NULL) {
        perror("fdopen");
        if (twin != -1)
            close(twin);
        return;
    }
    setvbuf(out, NULL, _IONBF, 0);
    while (at < length) {
        size_t k;

        errno = 0;
        k = fwrite(text + at, 1, length - at < 1000 ? length - at : 1000, out);
        at += k;
        if (ferror(out)) {
            if (errno != EINTR)
                break;
            clearerr(out);
        }
    }
    fclose(out);
}

int main(int argc, char *argv[])
{
    struct sockaddr_in address;
    int on = 1;
    char *rest = NULL;
    unsigned long port = 0;

    if (argc == 2 && strspn(argv[1], "0123456789") > 0)
        port = strtoul(argv[1], &rest, 10);
    if (port == 0 || port > 65535 || *rest) {
        fprintf(stderr, "usage: collect_server PORT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    bzero(&address, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((in_port_t)port);
    if ((door = socket(PF_INET, SOCK_STREAM, 0)) < 0) {
        perror("collect_server: socket");
        return 1;
    }
    if (setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) {
        perror("collect_server: setsockopt");
        return 1;
    }
    if (bind(door, (struct sockaddr *)&address, sizeof address) < 0) {
        perror("collect_server: bind");
        return 1;
    }
    if (listen(door, 10) < 0) {
        perror("collect_server: listen");
        return 1;
    }
    for (;;) {
        conn = accept(door, NULL, NULL);
        if (conn < 0)
            continue;
        FILE *log = fopen("/dev/null", "a");
        if (log != NULL)
            fprintf(log, "a client on descriptor %d\n", conn);
        if (listen_to_client()) {
            printf(">");
            fwrite(text, 1, length, stdout);
            printf("\n");
            fflush(stdout);
            clearerr(stdout);
            answer_client();
        }
        free(text);
        text = NULL;
        close(conn);
    }
}
