/**
 * @file folder.c
 * What lies in a submission's folder: for the sentence about a missing file, and for the note about
 * files that are not taken. Names are a stranger's: shown escaped, never opened here.
 */
#include "build/part.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NAMES_SHOWN = 8, KEY_MAX = 64 };

bool build_listed(const char *const *list, const char *name)
{
    for (; list && *list; list++) {
        if (strcmp(*list, name) == 0)
            return true;
    }
    return false;
}

bool build_takes(const struct build_spec *spec, const char *name)
{
    return build_listed(spec->hand_in, name) || build_listed(spec->optional, name) ||
           build_listed(spec->kit, name);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Keeps one name in its place. A folder of a million files must not cost the memory of them all. */
static void keep_name(struct folder *f, int dir, const char *name)
{
    struct stat st;
    size_t at = f->count;

    if (f->count == FOLDER_NAMES_MAX) {
        f->more++;
        return;
    }
    /* d_type is not known on every file system (readdir(3)). A file just removed is neither. */
    bool known = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    while (at > 0 && strcmp(f->name[at - 1], name) > 0) {
        f->name[at] = f->name[at - 1];
        f->directory[at] = f->directory[at - 1];
        f->regular[at] = f->regular[at - 1];
        at--;
    }
    f->name[at] = xstrdup(name);
    f->directory[at] = known && S_ISDIR(st.st_mode);
    f->regular[at] = known && S_ISREG(st.st_mode);
    f->count++;
}

int folder_read(int dir, struct folder *f)
{
    /* A descriptor of its own: closedir() closes it, and the caller needs the other. */
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = 0;

    *f = (struct folder){.count = 0};
    if (fd < 0)
        return -errno;
    DIR *stream = fdopendir(fd);
    if (!stream) {
        result = -errno;
        fd_close(&fd);
        return result;
    }
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (!entry) {
            result = -errno;
            break;
        }
        if (entry->d_name[0] != '.')
            keep_name(f, dir, entry->d_name);
    }
    closedir(stream);
    return result;
}

void folder_free(struct folder *f)
{
    for (size_t i = 0; i < f->count; i++)
        free(f->name[i]);
    f->count = 0;
}

/* --- telling ---------------------------------------------------------------------------------- */

void folder_add_name(struct buf *b, const char *name)
{
    size_t plain =
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+");

    if (name[plain] == '\0' && plain > 0)
        buf_puts(b, name);
    else
        buf_quote(b, name, strlen(name), 60);
}

/* One of a list of `count` names: "a, b and c", or "a, b and 7 more". */
static void add_listed(struct buf *b, const char *name, size_t index, size_t count)
{
    if (index > 0 && index + 1 == count)
        buf_puts(b, _(" and "));
    else if (index > 0)
        buf_puts(b, ", ");
    folder_add_name(b, name);
}

void folder_describe(const struct folder *f, struct buf *b)
{
    size_t shown = f->count < NAMES_SHOWN ? f->count : NAMES_SHOWN;
    size_t more = f->count - shown + f->more;

    if (f->count == 0) {
        buf_puts(b, _("The folder is empty."));
        return;
    }
    buf_puts(b, _("The folder holds "));
    for (size_t i = 0; i < shown; i++)
        add_listed(b, f->name[i], i, more ? SIZE_MAX : shown);
    if (more)
        buf_printf(b, _(" and %zu more"), more);
    buf_puts(b, ".");
}

/* --- near names ------------------------------------------------------------------------------- */

/* A name without case and without what people confuse: hello-server.c, Hello_Server.C. */
static size_t make_key(const char *name, char key[KEY_MAX])
{
    size_t length = 0;

    for (; *name && length < KEY_MAX; name++) {
        if (isalnum((unsigned char)*name))
            key[length++] = (char)tolower((unsigned char)*name);
    }
    return length;
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Letters to add, drop or change (Levenshtein), row by row. */
static size_t key_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t row[KEY_MAX + 1];

    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_length];
}

static bool has_ending(const char *name, const char *const *endings)
{
    const char *dot = strrchr(name, '.');

    if (!dot)
        return false;
    for (; *endings; endings++) {
        if (strcasecmp(dot, *endings) == 0)
            return true;
    }
    return false;
}

/* The program and the objects that make leaves behind are near every source's name. */
static bool is_product(const char *name)
{
    static const char *const endings[] = {".o", ".a", ".so", ".out", ".exe", ".d", ".h", NULL};

    return !strchr(name, '.') || has_ending(name, endings);
}

size_t build_name_distance(const char *wanted, const char *name)
{
    char a[KEY_MAX], b[KEY_MAX];
    size_t length = make_key(wanted, a);
    size_t most = length / 3 < 3 ? length / 3 : 3;

    if (is_product(name))
        return SIZE_MAX;
    size_t distance = key_distance(a, length, b, make_key(name, b));
    return distance <= most ? distance : SIZE_MAX;
}

const char *folder_nearest(const struct folder *f, const struct build_spec *spec, const char *name)
{
    static const char *const c_endings[] = {".c", NULL};
    const char *nearest = NULL;
    const char *single = NULL;
    size_t singles = 0;
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < f->count; i++) {
        if (!f->regular[i] || build_takes(spec, f->name[i]) || is_product(f->name[i]))
            continue;
        if (has_ending(f->name[i], c_endings)) {
            single = f->name[i];
            singles++;
        }
        size_t distance = build_name_distance(name, f->name[i]);
        if (distance < best) {
            best = distance;
            nearest = f->name[i];
        }
    }
    if (nearest)
        return nearest;
    /* One file is wanted and one C file is there: most likely it is the one, whatever its name. */
    bool one_wanted = spec->hand_in && spec->hand_in[0] && !spec->hand_in[1];
    return one_wanted && singles == 1 ? single : NULL;
}

const char *folder_below(const struct folder *f, int dir, const char *name)
{
    for (size_t i = 0; i < f->count; i++) {
        struct stat st;
        if (!f->directory[i])
            continue;
        int below = openat(dir, f->name[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below < 0)
            continue;
        bool found = fstatat(below, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
        fd_close(&below);
        if (found)
            return f->name[i];
    }
    return NULL;
}

size_t folder_left(const struct folder *f, const struct build_spec *spec, struct buf *b)
{
    static const char *const endings[] = {".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", NULL};
    size_t left = 0;

    for (size_t i = 0; i < f->count; i++) {
        /* The kit gives test_io.c and its like to the student; nobody expects them to be taken. */
        if (!has_ending(f->name[i], endings) || build_takes(spec, f->name[i]) ||
            build_may_take(spec, f->name[i]) || strncmp(f->name[i], "test_", 5) == 0)
            continue;
        if (left < NAMES_SHOWN)
            add_listed(b, f->name[i], left, SIZE_MAX);
        left++;
    }
    if (left > NAMES_SHOWN)
        buf_printf(b, _(" and %zu more"), left - NAMES_SHOWN);
    return left;
}
