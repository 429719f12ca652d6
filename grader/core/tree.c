/**
 * @file tree.c
 * Removes a directory tree that a stranger's program has filled.
 *
 * Such a tree may be deeper than there are descriptors, longer than PATH_MAX, and full of
 * directories without permissions. So nothing here descends: the subdirectories of a subdirectory
 * are renamed up to the root of the tree, until there are none. Two descriptors are enough.
 */
#include "core/core.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct removal {
    int root;
    unsigned int serial; /* for the names of what was moved up */
    size_t progress;     /* entries removed or moved so far */
    int failure;         /* the first one, -errno */
};

static void note_failure(struct removal *r, int error)
{
    if (r->failure == 0)
        r->failure = -error;
}

/* Opens a directory, never through a link, and makes sure that it can be emptied. */
static int open_directory(int parent, const char *name)
{
    char self[32];

    /* Permissions are changed through the descriptor, so that a link slipped in between the test
     * and the change is never followed. */
    int handle = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (handle < 0)
        return -1;
    snprintf(self, sizeof self, "/proc/self/fd/%d", handle);
    if (faccessat(handle, ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0)
        chmod(self, 0700);
    int fd = openat(handle, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = errno;
    close(handle);
    errno = error;
    return fd;
}

/* Moves the directory `name` of `parent` up to the root under a name of its own. */
static void move_up(struct removal *r, int parent, const char *name)
{
    char moved[32];

    /* Moving a directory rewrites its "..", which asks for write permission on it (rename(2)). */
    int fd = open_directory(parent, name);
    if (fd < 0) {
        note_failure(r, errno);
        return;
    }
    fd_close(&fd);
    for (;;) {
        snprintf(moved, sizeof moved, ".moved-%u", r->serial++);
        if (renameat(parent, name, r->root, moved) == 0) {
            r->progress++;
            return;
        }
        if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR) {
            note_failure(r, errno);
            return;
        }
    }
}

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Removes a file or an empty directory; ENOTEMPTY tells a directory that holds something. */
static bool remove_entry(int parent, const char *name)
{
    if (unlinkat(parent, name, 0) == 0)
        return true;
    return errno == EISDIR && unlinkat(parent, name, AT_REMOVEDIR) == 0;
}

/* Goes once through a directory: removes what it can, gives what holds something to `deal`. */
static void empty_once(struct removal *r, int directory,
                       void (*deal)(struct removal *, int parent, const char *name))
{
    struct dirent *entry;
    /* A descriptor of its own, because the stream closes it and moves its offset. */
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);

    if (!stream) {
        note_failure(r, errno);
        fd_close(&fd);
        return;
    }
    while ((entry = readdir(stream))) {
        if (is_dot(entry->d_name))
            continue;
        if (remove_entry(directory, entry->d_name))
            r->progress++;
        else if (errno == ENOTEMPTY || errno == EEXIST)
            deal(r, directory, entry->d_name);
        else
            note_failure(r, errno);
    }
    closedir(stream);
}

/* Empties a directory. Entries may be missed while others go away (readdir(3)), and new ones are
 * moved into the root: so rounds, until one changes nothing. */
static void empty(struct removal *r, int directory,
                  void (*deal)(struct removal *, int parent, const char *name))
{
    size_t before;

    do {
        before = r->progress;
        empty_once(r, directory, deal);
    } while (r->progress != before);
}

static void remove_subdirectory(struct removal *r, int parent, const char *name)
{
    int fd = open_directory(parent, name);

    if (fd < 0) {
        note_failure(r, errno);
        return;
    }
    empty(r, fd, move_up);
    fd_close(&fd);
    if (unlinkat(parent, name, AT_REMOVEDIR) == 0)
        r->progress++;
    else
        note_failure(r, errno);
}

int tree_remove(const char *path)
{
    struct removal r = {.root = open_directory(AT_FDCWD, path)};

    if (r.root < 0)
        return -errno;
    empty(&r, r.root, remove_subdirectory);
    fd_close(&r.root);
    /* A failure that a later round made good is none. */
    if (rmdir(path) == 0)
        return 0;
    note_failure(&r, errno);
    return r.failure;
}
