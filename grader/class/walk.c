/**
 * @file walk.c
 * A student's folder as pieces: regular files are read, everything else is told of. Nothing is followed and nothing
 * blocks, whatever lies there; entries are taken in the order of their names.
 */
#include "class/piece.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WALK_DEEPEST = 16 };

struct walk {
    const struct lab *lab;
    struct pieces *out;
};

/* Reads what is worth it; PIECE_DENIED for what cannot be opened. 0 or -errno. */
static int read_piece(const struct walk *w, int directory, const char *name, struct piece *piece)
{
    struct stat st;
    int result = 0;
    size_t worth = path_worth(w->lab, name);

    if (worth == 0)
        return 0;
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        piece->state = PIECE_DENIED;
        return errno == EMFILE || errno == ENFILE || errno == EIO ? -errno : 0;
    }
    if (fstat(fd, &st) < 0) {
        result = -errno;
    } else if (!S_ISREG(st.st_mode)) { /* exchanged since it was looked at */
        piece->kind = PIECE_OTHER;
    } else if ((uint64_t)st.st_size > worth || w->out->bytes + worth > PIECES_BYTES) {
        piece->state = PIECE_LARGE;
    } else {
        piece->bytes.limit = worth;
        piece->state = PIECE_KEPT;
        result = fd_read_some(fd, &piece->bytes);
    }
    fd_close(&fd);
    if (piece->bytes.dropped) {
        piece->state = PIECE_LARGE;
        buf_free(&piece->bytes);
    }
    return result;
}

static int walk_into(const struct walk *w, int directory, const char *prefix, int depth);

static int walk_below(const struct walk *w, int directory, const char *name, const char *path, int depth)
{
    if (depth == WALK_DEEPEST) {
        pieces_trouble(w->out, _("Folders are nested too deep."));
        return 0;
    }
    int below = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0) {
        if (errno == EMFILE || errno == ENFILE)
            return -errno;
        char *shown = path_shown(path);
        pieces_trouble(w->out, _("The folder %s cannot be read: its permissions forbid it."), shown);
        free(shown);
        return 0;
    }
    char *prefix = xasprintf("%s/", path);
    int result = walk_into(w, below, prefix, depth + 1);
    free(prefix);
    fd_close(&below);
    return result;
}

static enum piece_kind kind_of(mode_t mode)
{
    return S_ISREG(mode) ? PIECE_FILE : S_ISLNK(mode) ? PIECE_LINK : PIECE_OTHER;
}

static int take_entry(const struct walk *w, int directory, const char *prefix, const char *name, int depth)
{
    struct stat st;
    int result = 0;

    if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    struct piece piece = {.path = xasprintf("%s%s", prefix, name), .changed = st.st_mtime};
    if (S_ISDIR(st.st_mode)) {
        result = walk_below(w, directory, name, piece.path, depth);
        free(piece.path);
        return result;
    }
    piece.kind = kind_of(st.st_mode);
    if (piece.kind == PIECE_FILE)
        result = read_piece(w, directory, name, &piece);
    pieces_add(w->out, piece);
    return result;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* the same in every locale */
}

static int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && !path_is_clutter(entry->d_name);
}

int folder_list(int directory, struct dirent ***entry)
{
    int count = scandirat(directory, ".", entry, is_entry, by_bytes);
    return count < 0 ? -errno : count;
}

static int walk_into(const struct walk *w, int directory, const char *prefix, int depth)
{
    struct dirent **entry;
    int result = 0;
    int count = folder_list(directory, &entry);

    if (count < 0)
        return count;
    for (int i = 0; i < count; i++) {
        if (result == 0 && !(w->out->trouble && w->out->count >= PIECES_MAX))
            result = take_entry(w, directory, prefix, entry[i]->d_name, depth);
        free(entry[i]);
    }
    free(entry);
    return result;
}

int folder_take(const struct lab *lab, int directory, const char *name, const char *path, struct pieces *out)
{
    struct walk w = {.lab = lab, .out = out};
    struct stat st;

    if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    struct piece piece = {.path = xstrdup(path), .changed = st.st_mtime, .kind = kind_of(st.st_mode)};
    int result = piece.kind == PIECE_FILE ? read_piece(&w, directory, name, &piece) : 0;
    pieces_add(out, piece);
    return result;
}

int folder_walk(const struct lab *lab, int directory, const char *prefix, struct pieces *out)
{
    struct walk w = {.lab = lab, .out = out};
    return walk_into(&w, directory, prefix, 0);
}
