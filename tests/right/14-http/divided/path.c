#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "parts.h"

char root[PATH_MAX];

/* The file for a path, or -1. */
int open_path(const char *path, struct stat *st, char *real)
{
    char name[PATH_MAX + REQUEST_MAX + 16];
    snprintf(name, sizeof(name), "%s%s", root, path);
    if (stat(name, st) < 0)
        return -1;
    if (S_ISDIR(st->st_mode))
        strcat(name, "/index.html");
    if (!realpath(name, real))
        return -1;
    size_t n = strlen(root);
    if (strncmp(real, root, n) != 0 || real[n] != '/')
        return -1;
    int file = open(real, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return -1;
    if (fstat(file, st) < 0 || !S_ISREG(st->st_mode)) {
        close(file);
        return -1;
    }
    return file;
}

