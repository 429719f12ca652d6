/**
 * @file archive.c
 * What an archive holds, as pieces in memory. Nothing of it is written anywhere: an entry's path is only ever compared and shown,
 * links and devices are told of and not made. So there is nothing to traverse, and no flag of extraction to forget.
 *
 * libarchive works in a process of its own, which may do nothing but read the archive and write into a pipe: a header, a path and
 * bytes for each entry, and at the end how it went. The grader believes sizes within its limits, and no more than that.
 */
#include "class/piece.h"
#include "core/hermit.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARCHIVE_MEMORY = 512 << 20 }; /* bytes: xz and 7z keep dictionaries */

const struct archive_limits archive_of_student = {.entries = 20000, .bytes = PIECES_BYTES, .seconds = 5};
const struct archive_limits archive_of_class = {.entries = 200000, .bytes = 1 << 30, .seconds = 300};

/* How reading ended. */
enum ending { WENT_WELL, NO_ARCHIVE, BROKEN, ENCRYPTED, TOO_MANY, TOO_LARGE, TOO_LONG, ENDINGS };

static const char *const ending_words[ENDINGS] = {
    [NO_ARCHIVE] = N_("is no archive that can be read"),
    [BROKEN] = N_("is broken"),
    [ENCRYPTED] = N_("is encrypted"),
    [TOO_MANY] = N_("holds too many files"),
    [TOO_LARGE] = N_("unpacks to too many bytes"),
    [TOO_LONG] = N_("takes too long to unpack"),
};

/* What goes up the pipe before each path and its bytes; for the end only `ending` counts. */
struct header {
    bool last;
    enum ending ending;
    enum piece_kind kind;
    enum piece_bytes state;
    size_t path, bytes;
};

/* --- in the reader -------------------------------------------------------------------------------- */

static void put(int out, const void *bytes, size_t size)
{
    if (fd_write_all(out, bytes, size) != 0)
        _exit(STATUS_LESS); /* the grader has heard enough */
}

/* Reads one entry's data up to its worth. Returns false when the archive cannot be read on. */
static bool take_data(struct archive *a, struct buf *bytes, enum piece_bytes *state)
{
    char chunk[65536];

    for (;;) {
        ssize_t n = archive_read_data(a, chunk, sizeof chunk);
        if (n == ARCHIVE_RETRY)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        buf_add(bytes, chunk, (size_t)n);
        if (bytes->dropped) {
            *state = PIECE_LARGE;
            buf_clear(bytes);
            return true;
        }
    }
    *state = PIECE_KEPT;
    return true;
}

static enum piece_kind kind_of(struct archive_entry *entry)
{
    if (archive_entry_hardlink(entry) || archive_entry_filetype(entry) == AE_IFLNK)
        return PIECE_LINK;
    return archive_entry_filetype(entry) == AE_IFREG ? PIECE_FILE : PIECE_OTHER;
}

/* One entry. Anything but WENT_WELL: the archive is not read on. */
static enum ending tell_entry(struct archive *a, struct archive_entry *entry, const struct lab *lab, int out, size_t *left)
{
    const char *path = archive_entry_pathname(entry);
    struct header h = {.kind = kind_of(entry)};
    struct buf bytes = {0};

    if (!path || !*path || archive_entry_filetype(entry) == AE_IFDIR || strlen(path) > PIECE_PATH_MAX || path_is_clutter(path))
        return WENT_WELL;
    size_t worth = h.kind == PIECE_FILE ? path_worth(lab, path) : 0;
    if (worth > 0) {
        if (worth > *left)
            return TOO_LARGE;
        bytes.limit = worth;
        if (!take_data(a, &bytes, &h.state)) {
            buf_free(&bytes);
            return archive_read_has_encrypted_entries(a) > 0 ? ENCRYPTED : BROKEN;
        }
    }
    *left -= bytes.length;
    h.path = strlen(path);
    h.bytes = bytes.length;
    put(out, &h, sizeof h);
    put(out, path, h.path);
    put(out, bytes.data, h.bytes);
    buf_free(&bytes);
    return WENT_WELL;
}

static enum ending tell_all(struct archive *a, const struct lab *lab, const struct archive_limits *limits, int out)
{
    struct archive_entry *entry;
    size_t entries = 0, left = limits->bytes;

    for (;;) {
        int result = archive_read_next_header(a, &entry);
        if (result == ARCHIVE_EOF)
            return archive_read_has_encrypted_entries(a) > 0 ? ENCRYPTED : WENT_WELL;
        if (result == ARCHIVE_RETRY)
            continue;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN) /* a name that is no UTF-8 is a warning */
            return entries ? BROKEN : NO_ARCHIVE;
        if (entries++ == limits->entries)
            return TOO_MANY;
        if (archive_entry_is_encrypted(entry))
            return ENCRYPTED;
        enum ending ending = tell_entry(a, entry, lab, out, &left);
        if (ending != WENT_WELL)
            return ending;
    }
}

static enum ending open_archive(struct archive *a, int fd, const struct buf *bytes)
{
    int good = archive_read_support_format_zip(a) | archive_read_support_format_tar(a) | archive_read_support_format_7zip(a) |
               archive_read_support_filter_gzip(a) | archive_read_support_filter_bzip2(a) | archive_read_support_filter_xz(a) |
               archive_read_support_filter_zstd(a);
    /* A warning would say that a filter is a program of its own, which cannot be started here. */
    if (good != ARCHIVE_OK && good != ARCHIVE_WARN)
        return NO_ARCHIVE;
    int result = bytes ? archive_read_open_memory(a, bytes->data, bytes->length) : archive_read_open_fd(a, fd, 1 << 16);
    return result == ARCHIVE_OK ? WENT_WELL : NO_ARCHIVE;
}

static void be_reader(const struct lab *lab, int fd, const struct buf *bytes, const struct archive_limits *limits, int out)
    __attribute__((noreturn));

static void be_reader(const struct lab *lab, int fd, const struct buf *bytes, const struct archive_limits *limits, int out)
{
    hermit_close_all_but(bytes ? out : fd, out);
    /* Names come as UTF-8 where the archive says that they are; others as their bytes. */
    setlocale(LC_CTYPE, "C.UTF-8");
    if (!hermit_enter(ARCHIVE_MEMORY, limits->seconds))
        _exit(STATUS_TROUBLE);
    struct archive *a = archive_read_new();
    struct header end = {.last = true};
    end.ending = a ? open_archive(a, fd, bytes) : NO_ARCHIVE;
    if (end.ending == WENT_WELL)
        end.ending = tell_all(a, lab, limits, out);
    put(out, &end, sizeof end);
    _exit(0);
}

/* --- in the grader --------------------------------------------------------------------------------- */

/* 1 when all came, 0 at the end of file, -errno. */
static int get(int in, void *bytes, size_t size)
{
    char *at = bytes;

    while (size > 0) {
        ssize_t n = read(in, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : 0;
        at += n;
        size -= (size_t)n;
    }
    return 1;
}

static bool is_sane(const struct header *h, size_t left)
{
    bool known = h->kind <= PIECE_OTHER && (h->state == PIECE_NAMED || h->state == PIECE_KEPT || h->state == PIECE_LARGE);
    return known && h->path > 0 && h->path <= PIECE_PATH_MAX && h->bytes <= PIECE_ARCHIVE_LIMIT && h->bytes <= left &&
           (h->bytes == 0 || h->state == PIECE_KEPT);
}

static int get_piece(int in, const struct header *h, const char *prefix, struct pieces *out)
{
    char path[PIECE_PATH_MAX + 1];
    struct piece piece = {.kind = h->kind, .state = h->state};
    char *bytes = xmalloc(h->bytes + 1);

    int result = get(in, path, h->path);
    if (result == 1 && h->bytes > 0)
        result = get(in, bytes, h->bytes);
    if (result == 1) {
        path[h->path] = '\0';
        piece.path = xasprintf("%s%s", prefix, path);
        buf_add(&piece.bytes, bytes, h->bytes);
        pieces_add(out, piece);
    }
    free(bytes);
    return result;
}

/* All that the reader tells; the ending it gave, or BROKEN when it ended without one: it crashed, or ran into a limit. */
static int listen_to(int in, const char *prefix, const struct archive_limits *limits, struct pieces *out, enum ending *ending)
{
    size_t left = limits->bytes;
    struct header h;

    *ending = BROKEN;
    for (size_t entries = 0; entries <= limits->entries; entries++) {
        int result = get(in, &h, sizeof h);
        if (result <= 0)
            return result;
        if (h.last) {
            *ending = h.ending < ENDINGS ? h.ending : BROKEN;
            return 0;
        }
        if (!is_sane(&h, left))
            return 0;
        left -= h.bytes;
        result = get_piece(in, &h, prefix, out);
        if (result <= 0)
            return result;
    }
    return 0;
}

static void tell_trouble(struct pieces *out, const char *prefix, enum ending ending)
{
    size_t length = strlen(prefix);
    char *name = xstrndup(prefix, length > 0 ? length - 1 : 0);
    char *shown = path_shown(name);

    pieces_trouble(out, "%s %s.", *shown ? shown : _("It"), _(ending_words[ending]));
    free(shown);
    free(name);
}

int archive_unpack(const struct lab *lab, int fd, const struct buf *bytes, const char *prefix, const struct archive_limits *limits,
                 struct pieces *out)
{
    enum ending ending;
    int ends[2], status;
    int result = pipe_make(ends);

    if (result != 0)
        return result;
    pid_t pid = fork();
    if (pid == 0)
        be_reader(lab, fd, bytes, limits, ends[1]);
    if (pid < 0)
        result = -errno;
    fd_close(&ends[1]);
    if (result == 0)
        result = listen_to(ends[0], prefix, limits, out, &ending);
    fd_close(&ends[0]);
    if (pid < 0)
        return result;
    kill(pid, SIGKILL); /* it may still want to write what nobody reads */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_TROUBLE)
        return -EPERM; /* without walls nothing is read */
    if (result != 0 || ending == WENT_WELL)
        return result;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        ending = TOO_LONG;
    tell_trouble(out, prefix, ending);
    return -EBADMSG;
}
