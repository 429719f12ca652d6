/**
 * @file publish.c
 * Files that appear whole or not at all.
 */
#include "class/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/** All folders of a path, the last one included. 0 or -errno. */
static int make_folders(const char *path)
{
    char *part = xstrdup(path);
    int error = 0;
    for (char *slash = strchr(part + 1, '/'); error == 0 && slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0777) < 0 && errno != EEXIST)
            error = -errno;
        *slash = '/';
    }
    if (error == 0 && mkdir(part, 0777) < 0 && errno != EEXIST)
        error = -errno;
    free(part);
    return error;
}

int publish_begin(struct publisher *p, const char *output, char **message)
{
    mode_t mask = umask(0); /* the only way to read it */
    umask(mask);
    *p = (struct publisher){.output = xstrdup(output), .scratch = xasprintf("%s/.work", output), .mode = 0666 & ~mask, .lock = -1};
    int error = make_folders(output);
    if (error == 0 && (p->lock = open(output, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        error = -errno;
    if (error == 0 && flock(p->lock, LOCK_EX | LOCK_NB) < 0) {
        error = errno == EWOULDBLOCK ? -EBUSY : -errno;
        fd_close(&p->lock);
    }
    if (error == -EBUSY) {
        *message = xasprintf(_("%s: another run is at work there."), output);
        return error;
    }
    if (error == 0) {
        error = tree_remove(p->scratch);
        if (error == 0 || error == -ENOENT)
            error = mkdir(p->scratch, 0700) < 0 ? -errno : 0;
    }
    if (error < 0)
        *message = xasprintf("%s: %s", output, strerror(-error));
    return error;
}

void publish_end(struct publisher *p)
{
    if (p->lock >= 0)
        tree_remove(p->scratch);
    fd_close(&p->lock);
    free(p->scratch);
    free(p->output);
    *p = (struct publisher){.lock = -1};
}

/** Has what can be read from @p fd these bytes, and nothing after them? */
static bool reads_as(int fd, const struct buf *bytes)
{
    char part[16384];
    size_t at = 0;
    ssize_t n;
    while ((n = read(fd, part, sizeof(part))) > 0) {
        if ((size_t)n > bytes->length - at || memcmp(part, bytes->data + at, (size_t)n) != 0)
            return false;
        at += (size_t)n;
    }
    return n == 0 && at == bytes->length;
}

/** Has this file these bytes? One that can't be read has others. */
static bool is_same(const char *path, const struct buf *bytes)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    bool same = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == (off_t)bytes->length &&
                reads_as(fd, bytes);
    fd_close(&fd);
    return same;
}

int publish_file(const struct publisher *p, const char *name, const struct buf *bytes)
{
    char *path = xasprintf("%s/%s", p->output, name);
    char *beside = xasprintf("%s/publish", p->scratch);
    int error = 0;
    if (is_same(path, bytes))
        goto out;
    error = file_write(beside, buf_text(bytes), bytes->length, p->mode);
    if (error == 0 && rename(beside, path) < 0)
        error = -errno;
    if (error == -ENOENT) {
        *strrchr(path, '/') = '\0';
        error = make_folders(path);
        path[strlen(path)] = '/';
        if (error == 0 && rename(beside, path) < 0)
            error = -errno;
    }
out:
    free(beside);
    free(path);
    return error;
}
