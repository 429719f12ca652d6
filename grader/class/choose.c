/**
 * @file choose.c
 * Which of the pieces are the lab's files. Right names come first, in one folder that has them all if there is one, the lab's own
 * folder before others, higher before deeper. Archives are opened only while something is missing, names that are
 * nearly right are looked at last. Two that could be meant and differ are never chosen between.
 */
#include "class/choice.h"

#include <errno.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

enum { ARCHIVES_OPENED = 8, ARCHIVES_NESTED = 2 };

void choice_remark(struct choice *c, const char *format, ...)
{
    va_list args;

    if (c->remark.length)
        buf_puts(&c->remark, " ");
    va_start(args, format);
    buf_vprintf(&c->remark, format, args);
    va_end(args);
}

/* A path for a remark; until the next one. */
const char *choice_show(struct choice *c, const char *path)
{
    free(c->shown);
    c->shown = path_shown(path);
    return c->shown;
}

/* --- right names ------------------------------------------------------------------------------------ */

/* Lower is better: a folder called like the lab, then fewer folders above. */
static size_t rank(const struct lab *lab, const char *path)
{
    size_t depth = 0, id = strlen(lab->id);
    bool at_home = false;

    for (const char *part = path, *slash; (slash = strchr(part, '/')); part = slash + 1) {
        depth++;
        at_home = at_home || ((size_t)(slash - part) == id && memcmp(part, lab->id, id) == 0);
    }
    return depth + (at_home ? 0 : PIECE_PATH_MAX);
}

bool piece_is_same(const struct piece *a, const struct piece *b)
{
    return a->state == b->state && a->bytes.length == b->bytes.length &&
           (a->bytes.length == 0 || memcmp(a->bytes.data, b->bytes.data, a->bytes.length) == 0);
}

/* Does the path name a file called `name`, in the folder `home` (`length` bytes with its slash) if that is not NULL? */
static bool is_called(const char *path, const char *home, size_t length, const char *name)
{
    const char *base = path_base(path);
    return strcmp(base, name) == 0 && (!home || ((size_t)(base - path) == length && strncmp(path, home, length) == 0));
}

/* The best piece of that name; SIZE_MAX if there is none. *two is set when another is as good and differs. */
static size_t find_piece(const struct choice *c, const char *home, size_t length, const char *name, bool *two)
{
    size_t best = SIZE_MAX, least = SIZE_MAX;

    for (size_t i = 0; i < c->pieces->count; i++) {
        const struct piece *piece = &c->pieces->item[i];
        if (piece->kind != PIECE_FILE || !is_called(piece->path, home, length, name))
            continue;
        size_t value = rank(c->lab, piece->path);
        if (value < least) {
            best = i;
            least = value;
            *two = false;
        } else if (value == least && !piece_is_same(piece, &c->pieces->item[best])) {
            *two = true;
        }
    }
    return best;
}

/* Are all files that the lab asks for in the folder of this path? */
static bool is_home(const struct choice *c, const char *path, size_t length)
{
    bool two = false;

    for (const char *const *name = c->lab->build.hand_in; name && *name; name++)
        if (find_piece(c, path, length, *name, &two) == SIZE_MAX)
            return false;
    return true;
}

static bool is_same_home(const struct choice *c, const char *a, size_t a_length, const char *b, size_t b_length)
{
    for (const char *const *name = c->lab->build.hand_in; name && *name; name++) {
        bool two = false;
        size_t i = find_piece(c, a, a_length, *name, &two), k = find_piece(c, b, b_length, *name, &two);
        if (two || !piece_is_same(&c->pieces->item[i], &c->pieces->item[k]))
            return false;
    }
    return true;
}

/* The best folder that has them all, as a path in it; NULL if there is none. */
static const char *find_home(struct choice *c, size_t *length)
{
    const char *best = NULL, *first = c->lab->build.hand_in[0];
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < c->pieces->count; i++) {
        const struct piece *piece = &c->pieces->item[i];
        size_t here = (size_t)(path_base(piece->path) - piece->path);
        if (piece->kind != PIECE_FILE || !is_called(piece->path, NULL, 0, first) || !is_home(c, piece->path, here))
            continue;
        size_t value = rank(c->lab, piece->path);
        if (value < least) {
            best = piece->path;
            *length = here;
            least = value;
            c->two = false;
        } else if (value == least && (here != *length || memcmp(best, piece->path, here) != 0) &&
                   !is_same_home(c, best, *length, piece->path, here)) {
            c->two = true;
        }
    }
    return best;
}

void choice_take(struct choice *c, size_t index, const char *name)
{
    const struct piece *piece = &c->pieces->item[index];

    if (c->s->files == BUILD_SOURCES_MAX)
        BUG("lab %s takes more than %d files", c->lab->id, BUILD_SOURCES_MAX);
    if (piece->state == PIECE_LARGE)
        choice_remark(c, _("%s is larger than the files that are taken (1 MiB)."), choice_show(c, piece->path));
    else if (piece->state == PIECE_DENIED)
        choice_remark(c, _("%s cannot be read: its permissions forbid it."), choice_show(c, piece->path));
    c->unreadable = c->unreadable || piece->state != PIECE_KEPT;
    c->taken[c->s->files] = index;
    c->s->file = xrealloc(c->s->file, (c->s->files + 1) * sizeof c->s->file[0]);
    c->s->file[c->s->files++] = (struct submission_file){.name = name};
}

bool choice_has(const struct choice *c, const char *name)
{
    for (size_t i = 0; i < c->s->files; i++)
        if (strcmp(c->s->file[i].name, name) == 0)
            return true;
    return false;
}

/* Takes what there is of a list, from the home first. */
static void take_list(struct choice *c, const char *const *names, const char *home, size_t length)
{
    for (; names && *names && !c->two; names++) {
        size_t index = home ? find_piece(c, home, length, *names, &c->two) : SIZE_MAX;
        if (index == SIZE_MAX)
            index = find_piece(c, NULL, 0, *names, &c->two);
        if (index == SIZE_MAX)
            continue;
        if (c->two)
            choice_remark(c, _("There are several that differ: %s is one of them."),
                          choice_show(c, c->pieces->item[index].path));
        choice_take(c, index, *names);
    }
}

/* A copy of the kit's files is looked at only for the note that it is not used. */
static void take_kit(struct choice *c, const char *home, size_t length)
{
    bool two = false;

    for (const char *const *name = c->lab->build.kit; home && !c->two && name && *name; name++) {
        size_t index = find_piece(c, home, length, *name, &two);
        if (index != SIZE_MAX && c->pieces->item[index].state == PIECE_KEPT)
            choice_take(c, index, *name);
    }
}

bool choice_is_missing(const struct choice *c)
{
    for (const char *const *name = c->lab->build.hand_in; name && *name; name++)
        if (!choice_has(c, *name))
            return true;
    return false;
}

/* From all pieces there are now. */
static void take_right_names(struct choice *c)
{
    size_t length = 0;

    c->s->files = 0;
    c->unreadable = false;
    buf_clear(&c->remark);
    const char *home = find_home(c, &length);
    if (c->two) {
        choice_remark(c, _("Several folders have the files of this lab, and they differ: one is that of %s."), choice_show(c, home));
        return;
    }
    take_list(c, c->lab->build.hand_in, home, length);
    take_list(c, c->lab->build.optional, home, length);
    take_kit(c, home, length);
}

/* --- archives ------------------------------------------------------------------------------------------ */

/* Opens the archives among the pieces that are there now. 1 if there was one, 0, or -errno. */
static int open_archives(struct choice *c)
{
    size_t count = c->pieces->count;
    int opened = 0;

    for (size_t i = 0; i < count && c->archives < ARCHIVES_OPENED; i++) {
        struct piece *piece = &c->pieces->item[i];
        if (piece->kind != PIECE_FILE || piece->state != PIECE_KEPT || !path_is_archive(piece->path))
            continue;
        struct buf bytes = piece->bytes;
        struct archive_limits limits = archive_of_student;
        int64_t changed = piece->changed;
        char *prefix = xasprintf("%s/", piece->path);
        piece->bytes = (struct buf){0};
        piece->state = PIECE_NAMED;
        c->pieces->bytes -= bytes.length;
        limits.bytes = PIECES_BYTES - c->pieces->bytes;
        size_t first = c->pieces->count;
        int result = archive_unpack(c->lab, -1, &bytes, prefix, &limits, c->pieces);
        for (size_t k = first; k < c->pieces->count; k++)
            c->pieces->item[k].changed = changed;
        c->archives++;
        opened = 1;
        free(prefix);
        buf_free(&bytes);
        if (result != 0 && result != -EBADMSG)
            return result;
    }
    return opened;
}

/* --- the whole ------------------------------------------------------------------------------------ */

void submission_hash(struct submission *s)
{
    SHA2_CTX context;

    s->hash[0] = '\0';
    if (s->files == 0)
        return;
    SHA256Init(&context);
    for (size_t i = 0; i < s->files; i++) {
        char size[32];
        int length = snprintf(size, sizeof size, "%zu", s->file[i].bytes.length);
        SHA256Update(&context, (const uint8_t *)s->file[i].name, strlen(s->file[i].name) + 1);
        SHA256Update(&context, (const uint8_t *)size, (size_t)length + 1);
        SHA256Update(&context, (const uint8_t *)buf_text(&s->file[i].bytes), s->file[i].bytes.length);
    }
    SHA256End(&context, s->hash);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct submission_file *)a)->name, ((const struct submission_file *)b)->name);
}

/* Moves the bytes over; one piece may stand for one file only. */
static void hand_over(struct choice *c)
{
    for (size_t i = 0; i < c->s->files; i++) {
        struct piece *piece = &c->pieces->item[c->taken[i]];
        c->s->file[i].bytes = piece->bytes;
        piece->bytes = (struct buf){0};
        if (piece->changed > c->s->handed_in)
            c->s->handed_in = piece->changed;
    }
    if (c->s->files > 0)
        qsort(c->s->file, c->s->files, sizeof c->s->file[0], by_name);
    submission_hash(c->s);
}

int choose_files(const struct lab *lab, struct pieces *pieces, struct submission *s)
{
    struct choice c = {.lab = lab, .pieces = pieces, .s = s};
    int result = 0;

    take_right_names(&c);
    for (int depth = 0; depth < ARCHIVES_NESTED && !c.two && choice_is_missing(&c); depth++) {
        result = open_archives(&c);
        if (result <= 0)
            break;
        take_right_names(&c);
    }
    if (result < 0)
        goto out;
    result = 0;
    if (!c.two && choice_is_missing(&c))
        choice_take_near(&c);
    choice_take_beside(&c);
    s->state = choice_conclude(&c);
    if (!submission_is_gradable(s))
        submission_drop(s); /* what is not graded has no content to be known again by */
    hand_over(&c);
    if (c.remark.length) {
        char *own = s->remark;
        s->remark = own ? xasprintf("%s %s", own, buf_text(&c.remark)) : xstrdup(buf_text(&c.remark));
        free(own);
    }
out:
    free(c.shown);
    buf_free(&c.remark);
    return result;
}
