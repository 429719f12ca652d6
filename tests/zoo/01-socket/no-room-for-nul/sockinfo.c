/* zoo: fails memory -- malloc(strlen(s)) leaves no room for the NUL that strcpy() writes */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    const char *key;
    int value;
} Entry;

static const Entry FAMILIES[] = {{"inet", AF_INET}, {"inet6", AF_INET6}, {"unix", AF_UNIX}};
static const Entry TYPES[] = {{"dgram", SOCK_DGRAM}, {"stream", SOCK_STREAM}};

static int compare(const void *key, const void *entry)
{
    return strcmp(key, ((const Entry *)entry)->key);
}

static int complain(const char *what)
{
    fprintf(stderr, "sockinfo: %s: %m\n", what);
    return EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
    const Entry *family = NULL, *type = NULL;

    if (argc == 3) {
        family = bsearch(argv[1], FAMILIES, 3, sizeof(Entry), compare);
        type = bsearch(argv[2], TYPES, 2, sizeof(Entry), compare);
    }
    if (!family || !type) {
        fprintf(stderr, "usage: sockinfo {inet|inet6|unix} {stream|dgram}\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);

    int first = socket(family->value, type->value, 0);
    if (first == -1)
        return complain("socket");
    int fd = fcntl(first, F_DUPFD_CLOEXEC, 3);
    if (fd == -1) {
        int status = complain("fcntl");
        close(first);
        return status;
    }
    /* The copy is only there to see that it can be had: the first one stays. */
    close(fd);

    int answer[3];
    const int question[3] = {SO_PROTOCOL, SO_DOMAIN, SO_TYPE};
    for (size_t i = 0; i < 3; i++) {
        socklen_t length = sizeof(answer[i]);
        if (getsockopt(first, SOL_SOCKET, question[i], answer + i, &length)) {
            int status = complain("getsockopt");
            close(first);
            return status;
        }
    }

    char *copy = malloc(strlen(family->key));
    if (copy == NULL)
        return complain("malloc");
    strcpy(copy, family->key);

    const char *words[3] = {"none", "?", "?"};
    for (size_t i = 0; i < 3; i++)
        if (FAMILIES[i].value == answer[1])
            words[1] = FAMILIES[i].key;
    for (size_t i = 0; i < 2; i++)
        if (TYPES[i].value == answer[2])
            words[2] = TYPES[i].key;
    if (answer[0] == IPPROTO_TCP)
        words[0] = "tcp";
    if (answer[0] == IPPROTO_UDP)
        words[0] = "udp";

    char *line = NULL;
    int length = asprintf(&line, "fd=%d family=%s type=%s protocol=%s", first, words[1], words[2], words[0]);
    int status = length == -1 || puts(line) == EOF || fflush(stdout) == EOF ? complain("stdout") : EXIT_SUCCESS;
    if (length != -1)
        free(line);
    free(copy);
    close(first);
    return status;
}
