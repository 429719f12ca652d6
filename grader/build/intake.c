/**
 * @file intake.c
 * The files of a submission, read by the grader itself, which may be root: whatever lies in the
 * folder, nothing outside of it is read, nothing blocks and memory stays bounded.
 *
 * Every bad file gets its sentence and the others are read all the same, so that one grading names
 * all that is wrong.
 */
#include "build/part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What one intake works with. */
struct taking {
    const struct build_spec *spec;
    struct build_intake *in;
    int dir;
    struct folder folder;
    struct buf message;
    bool missing; /* at least one file is not there: say what is */
};

enum want { NEEDED, OPTIONAL, FURTHER };

static void __attribute__((format(printf, 2, 3)))
add_note(struct build_intake *in, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    in->note = xrealloc(in->note, (in->notes + 1) * sizeof(char *));
    in->note[in->notes++] = buf_take(&text);
}

/* A sentence about a file: its name, and what is the matter. `line` < 0: there is no such file. */
static void __attribute__((format(printf, 4, 5)))
refuse(struct taking *t, const char *name, int line, const char *format, ...)
{
    va_list args;

    buf_printf(&t->message, "%s%s ", t->message.length ? " " : "", name);
    va_start(args, format);
    buf_vprintf(&t->message, format, args);
    va_end(args);
    buf_puts(&t->message, ".");
    if (line > 0)
        buf_printf(&t->message, _(" See line %d."), line);
    if (line >= 0)
        finding_place(&t->in->finding, name, line, NULL);
    t->in->finding.verdict = VERDICT_MISSING;
}

static void refuse_missing(struct taking *t, const char *name)
{
    const char *nearest = folder_nearest(&t->folder, t->spec, name);
    const char *below = folder_below(&t->folder, t->dir, name);

    refuse(t, name, -1, "%s", _("is missing"));
    t->missing = true;
    if (below) {
        buf_puts(&t->message, _(" There is one in the folder "));
        folder_add_name(&t->message, below);
        buf_puts(&t->message, _(": hand in that folder."));
    } else if (nearest) {
        buf_puts(&t->message, _(" There is "));
        folder_add_name(&t->message, nearest);
        buf_printf(&t->message, _(": if that is the one, rename it to %s."), name);
    }
}

static void refuse_kind(struct taking *t, const char *name, mode_t mode)
{
    static const struct {
        mode_t type;
        const char *words;
    } kinds[] = {
        {S_IFDIR, N_("is a folder, not a file")},
        {S_IFIFO, N_("is a named pipe, not a file")},
        {S_IFSOCK, N_("is a socket, not a file")},
        {S_IFCHR, N_("is a device, not a file")},
        {S_IFBLK, N_("is a device, not a file")},
        {S_IFLNK, N_("is a symbolic link: hand in the file itself")},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if ((mode & S_IFMT) == kinds[i].type) {
            refuse(t, name, 0, "%s", _(kinds[i].words));
            return;
        }
    }
    refuse(t, name, 0, "%s", _("is not a regular file"));
}

/*
 * Opens one file. 0 with *fd, 0 with *fd -1 when the file was refused, -errno for other trouble.
 *
 * O_NOFOLLOW: a link could point to a file that only the grader may read. O_NONBLOCK: opening a pipe
 * would wait for a writer. O_NOCTTY: a terminal must not become ours (open(2)).
 */
static int open_file(struct taking *t, const char *name, bool needed, int *fd)
{
    struct stat st;

    *fd = openat(t->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (*fd < 0) {
        int error = errno;
        switch (error) {
        case ENOENT:
            if (needed)
                refuse_missing(t, name);
            return 0;
        case ELOOP:
            refuse_kind(t, name, S_IFLNK);
            return 0;
        case EACCES:
        case EPERM:
            refuse(t, name, 0, "%s",
                   _("cannot be read: its permissions forbid it (try chmod u+r)"));
            return 0;
        case ENXIO: /* a socket, or a device without a driver (open(2)) */
        case ENODEV:
            if (fstatat(t->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
                return -error;
            refuse_kind(t, name, st.st_mode);
            return 0;
        default:
            return -error;
        }
    }
    if (fstat(*fd, &st) != 0) {
        int error = errno;
        fd_close(fd);
        return -error;
    }
    if (S_ISREG(st.st_mode) && st.st_size <= BUILD_FILE_LIMIT)
        return 0;
    if (!S_ISREG(st.st_mode))
        refuse_kind(t, name, st.st_mode);
    else
        refuse(t, name, 0, _("has %lld bytes; at most %d are taken"), (long long)st.st_size,
               BUILD_FILE_LIMIT);
    fd_close(fd);
    return 0;
}

/* Reads to the end of file or past the limit, in case the file grows meanwhile. */
static int read_bytes(int fd, struct buf *bytes)
{
    bytes->limit = BUILD_FILE_LIMIT;
    return fd_read_some(fd, bytes);
}

static void note_line_ends(struct taking *t, const char *name, const struct buf *bytes)
{
    if (bytes->length && memmem(bytes->data, bytes->length, "\r\n", 2))
        add_note(t->in,
                 _("%s has Windows line ends (CR LF). The compiler takes them; sed -i 's/\\r$//' "
                   "%s removes them."),
                 name, name);
}

/* Takes one file in, if it can be C. 0 or -errno. */
static int take_file(struct taking *t, const char *name, enum want want)
{
    struct buf bytes = {0};
    int line = 0;
    int fd;
    int result = open_file(t, name, want == NEEDED, &fd);

    if (result != 0 || fd < 0)
        return result;
    result = read_bytes(fd, &bytes);
    if (result != 0)
        goto out;
    /* A header in which nothing stands yet is one. */
    bool empty = want == FURTHER && strspn(buf_text(&bytes), " \t\r\n") == bytes.length;
    const char *refusal = empty ? NULL : language_refuse(bytes.data, bytes.length, &line);
    if (bytes.dropped) {
        refuse(t, name, 0, _("has more than %d bytes"), BUILD_FILE_LIMIT);
    } else if (refusal) {
        refuse(t, name, line, "%s", refusal);
    } else {
        if (t->in->files == BUILD_SOURCES_MAX)
            BUG("a lab takes more than %d files", BUILD_SOURCES_MAX);
        note_line_ends(t, name, &bytes);
        t->in->file[t->in->files++] = (struct build_file){.name = name, .bytes = bytes};
        bytes = (struct buf){0};
    }
out:
    fd_close(&fd);
    buf_free(&bytes);
    return result;
}

/* Keeps what was handed in under a kit file's name, to be compared with the kit's. Whatever else
   stands there (a link, a pipe) is not looked at: it is not taken anyway. */
static int set_aside(struct taking *t, const char *name)
{
    struct buf bytes = {0};
    struct stat st;
    int result = 0;

    int fd = openat(t->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return 0;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        result = read_bytes(fd, &bytes);
    fd_close(&fd);
    if (result != 0 || t->in->asides == BUILD_SOURCES_MAX) {
        buf_free(&bytes);
        return result;
    }
    t->in->aside[t->in->asides++] = (struct build_file){.name = name, .bytes = bytes};
    return 0;
}

static void note_left(struct taking *t)
{
    struct buf names = {0};
    struct buf taken = {0};

    for (const char *const *name = t->spec->hand_in; name && *name; name++)
        buf_printf(&taken, "%s%s", taken.length ? ", " : "", *name);
    for (const char *const *name = t->spec->optional; name && *name; name++)
        buf_printf(&taken, "%s%s", taken.length ? ", " : "", *name);
    if (t->spec->further)
        buf_puts(&taken, _(" and further .c and .h files"));
    if (folder_left(&t->folder, t->spec, &names) > 0)
        add_note(t->in, _("Not taken: %s. This lab takes %s."), buf_text(&names), buf_text(&taken));
    buf_free(&names);
    buf_free(&taken);
}

/* What lies beside the files of the table, if it may. Names are kept: the folder's list goes before the files do. */
static int take_further(struct taking *t)
{
    struct buf spare = {0};
    size_t bytes = 0;
    int result = 0;

    if (t->folder.more > 0)
        refuse(t, t->spec->hand_in[0], 0, _("lies among more than %d files: hand in a folder of its own"), FOLDER_NAMES_MAX);
    for (size_t i = 0; result == 0 && i < t->folder.count; i++) {
        const char *name = t->folder.name[i];
        size_t files = t->in->files;
        if (t->folder.directory[i] || !build_may_take(t->spec, name))
            continue;
        if (files == BUILD_SOURCES_MAX || bytes > BUILD_FURTHER_LIMIT) {
            refuse(t, name, 0, _("is too much: %d files of %d bytes in all are taken"), BUILD_SOURCES_MAX, BUILD_FURTHER_LIMIT);
            break;
        }
        char *own = xstrdup(name);
        result = take_file(t, own, FURTHER);
        if (t->in->files == files) {
            free(own);
            continue;
        }
        t->in->file[files].own = own;
        bytes += t->in->file[files].bytes.length;
    }
    further_link(t->spec, t->in, &spare);
    if (spare.length)
        add_note(t->in, _("Not linked, because of a main() of its own: %s."), buf_text(&spare));
    buf_free(&spare);
    return result;
}

static int take_all(struct taking *t)
{
    int result = folder_read(t->dir, &t->folder);

    for (const char *const *name = t->spec->hand_in; result == 0 && name && *name; name++)
        result = take_file(t, *name, NEEDED);
    for (const char *const *name = t->spec->optional; result == 0 && name && *name; name++)
        result = take_file(t, *name, OPTIONAL);
    for (const char *const *name = t->spec->kit; result == 0 && name && *name; name++)
        result = set_aside(t, *name);
    if (result == 0 && t->spec->further)
        result = take_further(t);
    if (result != 0)
        return result;
    if (t->missing) {
        buf_puts(&t->message, " ");
        folder_describe(&t->folder, &t->message);
    }
    note_left(t);
    return 0;
}

int build_intake(const struct build_spec *spec, const char *directory, struct build_intake *out)
{
    struct taking t = {.spec = spec, .in = out};

    *out = (struct build_intake){.files = 0};
    /* The directory itself is the user's choice and may be a link. */
    t.dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (t.dir < 0)
        return -errno;
    int result = take_all(&t);
    if (out->finding.verdict != VERDICT_PASS)
        out->finding.message = buf_take(&t.message);
    buf_free(&t.message);
    folder_free(&t.folder);
    fd_close(&t.dir);
    return result;
}

/* A file that does not come from the hand-in; NULL when there is one of that name. */
static struct build_file *add_given(struct build_intake *in, const char *name)
{
    for (size_t i = 0; i < in->files; i++) {
        if (strcmp(in->file[i].name, name) == 0)
            return NULL;
    }
    if (in->files == BUILD_SOURCES_MAX)
        BUG("a lab takes more than %d files", BUILD_SOURCES_MAX);

    struct build_file *file = &in->file[in->files++];
    *file = (struct build_file){.name = name, .kit = true};
    return file;
}

void build_intake_kit(const struct build_spec *spec, struct build_intake *in, const char *name,
                      const void *bytes, size_t size)
{
    if (build_listed(spec->hand_in, name))
        BUG("the kit must not give %s, which is to be handed in", name);
    struct build_file *file = add_given(in, name);
    if (!file)
        return;
    buf_add(&file->bytes, bytes, size);
    for (size_t i = 0; i < in->asides; i++) {
        const struct buf *own = &in->aside[i].bytes;
        if (strcmp(in->aside[i].name, name) != 0)
            continue;
        /* A copy of the kit's file in the folder is what everybody has. */
        if (own->dropped || own->length != size || (size && memcmp(own->data, bytes, size) != 0))
            add_note(in, _("Your %s is not taken: it differs from the kit's, which is used."),
                     name);
    }
}

bool build_intake_object(struct build_intake *in, const char *name)
{
    struct build_file *file = add_given(in, name);

    if (file)
        file->object = true;
    return file != NULL;
}

void build_intake_free(struct build_intake *in)
{
    for (size_t i = 0; i < in->files; i++) {
        buf_free(&in->file[i].bytes);
        free(in->file[i].own);
    }
    for (size_t i = 0; i < in->asides; i++)
        buf_free(&in->aside[i].bytes);
    for (size_t i = 0; i < in->notes; i++)
        free(in->note[i]);
    free(in->note);
    finding_free(&in->finding);
    *in = (struct build_intake){.files = 0};
}
