/**
 * @file piece.c
 * The pieces of a hand-in, and what a path alone says about one.
 */
#include "class/piece.h"

#include <stdlib.h>
#include <string.h>

static void piece_free(struct piece *piece)
{
    free(piece->path);
    buf_free(&piece->bytes);
}

void pieces_free(struct pieces *p)
{
    for (size_t i = 0; i < p->count; i++)
        piece_free(&p->item[i]);
    free(p->item);
    free(p->trouble);
    *p = (struct pieces){.count = 0};
}

void pieces_add(struct pieces *p, struct piece piece)
{
    size_t most = p->most ? p->most : PIECES_MAX;

    /* What cannot be the lab's must not crowd out what can. */
    if (piece.state == PIECE_NAMED && piece.kind == PIECE_FILE && !p->most && p->named++ >= NAMES_MAX) {
        piece_free(&piece);
        return;
    }
    if (p->count == most) {
        pieces_trouble(p, _("There are more than %zu files."), most);
        piece_free(&piece);
        return;
    }
    if (p->count == p->capacity) {
        p->capacity = p->capacity ? 2 * p->capacity : 16;
        p->item = xrealloc(p->item, p->capacity * sizeof(p->item[0]));
    }
    p->bytes += piece.bytes.length;
    p->item[p->count++] = piece;
}

void pieces_remove(struct pieces *p, size_t index)
{
    p->bytes -= p->item[index].bytes.length;
    piece_free(&p->item[index]);
    p->count--;
    memmove(&p->item[index], &p->item[index + 1], (p->count - index) * sizeof(p->item[0]));
}

void pieces_trouble(struct pieces *p, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    if (p->trouble)
        return;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    p->trouble = buf_take(&text);
}

/* --- paths --------------------------------------------------------------------------------------- */

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool path_is_clutter(const char *path)
{
    static const char *const folders[] = {"__MACOSX", "node_modules", "CMakeFiles"};

    for (const char *part = path; *part; part += strspn(part, "/")) {
        size_t length = strcspn(part, "/");
        bool dots = strncmp(part, "..", length) == 0; /* "." and "..": a label like any other */
        if (part[0] == '.' && !dots)
            return true;
        for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
            if (strlen(folders[i]) == length && strncmp(part, folders[i], length) == 0)
                return true;
        part += length;
    }
    return false;
}

static bool has_ending(const char *path, const char *const *endings)
{
    size_t length = strlen(path);

    for (; *endings; endings++) {
        size_t n = strlen(*endings);
        if (length > n && strcasecmp(path + length - n, *endings) == 0)
            return true;
    }
    return false;
}

bool path_is_archive(const char *path)
{
    static const char *const endings[] = {".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2",
                                          ".tar.xz", ".txz", ".tar.zst", ".7z", NULL};
    return has_ending(path, endings);
}

size_t path_worth(const struct lab *lab, const char *path)
{
    static const char *const sources[] = {".c", ".h", NULL};
    const char *base = path_base(path);

    if (path_is_archive(base))
        return PIECE_ARCHIVE_LIMIT;
    bool wanted = has_ending(base, sources);
    const char *const *const lists[] = {lab->build.hand_in, lab->build.optional, lab->build.kit};
    for (size_t i = 0; !wanted && i < sizeof lists / sizeof lists[0]; i++)
        for (const char *const *name = lists[i]; !wanted && name && *name; name++)
            wanted = strcmp(*name, base) == 0;
    return wanted ? BUILD_FILE_LIMIT : 0;
}

char *path_shown(const char *path)
{
    struct buf shown = {0};

    buf_plain(&shown, path, strlen(path));
    for (size_t i = 0; i < shown.length; i++) /* the one control that buf_plain() leaves */
        if (shown.data[i] == '\n')
            shown.data[i] = ' ';
    return buf_take(&shown);
}
