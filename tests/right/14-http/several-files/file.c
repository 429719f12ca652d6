#define _GNU_SOURCE
#include "file.h"
#include "request.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int root;

static const char *type_of(const char *path)
{
    static const char *const table[][2] = {
        {"html", "text/html"}, {"css", "text/css"}, {"js", "text/javascript"}, {"txt", "text/plain"}, {"png", "image/png"},
        {"jpg", "image/jpeg"}, {"svg", "image/svg+xml"}, {"json", "application/json"},
    };
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot && i < sizeof table / sizeof *table; i++)
        if (strcasecmp(dot + 1, table[i][0]) == 0)
            return table[i][1];
    return "application/octet-stream";
}

/* The path of a target, decoded; false when it is none. */
static bool decode(const char *t, char *path)
{
    if (!strncasecmp(t, "http://", 7)) {
        t += 7;
        t += strcspn(t, "/");
        t = *t ? t : "/";
    }
    if (*t != '/')
        return false;
    for (; *t && *t != '?'; t++) {
        unsigned byte = (unsigned char)*t;
        if (byte == '%') {
            if (!isxdigit((unsigned char)t[1]) || !isxdigit((unsigned char)t[2]))
                return false;
            byte = (unsigned)strtoul((char[]){t[1], t[2], '\0'}, NULL, 16);
            t += 2;
        }
        if (byte == 0)
            return false;
        *path++ = (char)byte;
    }
    *path = '\0';
    return true;
}

/* The kernel keeps to DIR: openat2(2). An old one does not know how: then without links and dots. */
static int open_path(char *path)
{
    struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    const char *name = path + strspn(path, "/");

    if (path[strlen(path) - 1] == '/')
        strcat(path, "index.html");
    int fd = (int)syscall(SYS_openat2, root, name, &how, sizeof how);
    if (fd != -1 || errno != ENOSYS)
        return fd;
    struct stat link;
    for (char *slash = strchr(name, '/');; slash = slash ? strchr(slash + 1, '/') : NULL) {
        char part[MAX + 16];
        snprintf(part, sizeof part, "%.*s", slash ? (int)(slash - name) : (int)strlen(name), name);
        if (strstr(part, "..") || fstatat(root, part, &link, AT_SYMLINK_NOFOLLOW) == -1 || S_ISLNK(link.st_mode)) {
            errno = ENOENT;
            return -1;
        }
        if (!slash)
            return openat(root, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    }
}

int file_root(const char *directory)
{
    return root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Opens what is asked for. 200 with *fd and *size, or the status of an error. */
int file_find(const char *target, int *fd, off_t *size, const char **type)
{
    struct stat info;
    char path[MAX + 16];

    *fd = -1;
    if (!decode(target, path))
        return 400;
    *fd = open_path(path);
    if (*fd == -1)
        return errno == EMFILE || errno == ENFILE ? 503 : errno == EACCES ? 403 : 404;
    if (fstat(*fd, &info) == 0 && S_ISREG(info.st_mode)) {
        *size = info.st_size;
        *type = type_of(path);
        return 200;
    }
    int moved = S_ISDIR(info.st_mode);
    close(*fd);
    *fd = -1;
    return moved ? 301 : 404;
}
