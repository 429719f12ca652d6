/**
 * @file submission.c
 * From a path to a list of submissions: opens it, has each student's pieces gathered and the lab's files chosen among them.
 */
#include "class/piece.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_MAX = 200 };

const char *submission_state_word(enum submission_state state)
{
    static const char *const words[SUBMISSION_STATES] = {
        [SUBMISSION_HANDED_IN] = "handed-in",
        [SUBMISSION_WRONG_NAME] = "wrong-name",
        [SUBMISSION_NOTHING] = "nothing",
        [SUBMISSION_OTHER] = "other",
        [SUBMISSION_TWO_CANDIDATES] = "two-candidates",
        [SUBMISSION_UNREADABLE] = "unreadable",
    };
    return words[state];
}

const char *submission_source_word(enum submission_source source)
{
    static const char *const words[] = {
        [SUBMISSION_FOLDERS] = "folders",
        [SUBMISSION_CHECKOUTS] = "checkouts",
        [SUBMISSION_CANVAS] = "canvas",
        [SUBMISSION_MOODLE] = "moodle",
    };
    return words[source];
}

bool submission_is_gradable(const struct submission *s)
{
    return s->state == SUBMISSION_HANDED_IN || s->state == SUBMISSION_WRONG_NAME;
}

/* --- keys and names ---------------------------------------------------------------------------------- */

/* A key that can be a folder's name: letters that can be shown, everything else as %XX. */
char *submission_key(const char *text)
{
    struct buf key = {0};
    size_t size = strlen(text);

    for (size_t at = 0; at < size;) {
        uint32_t code;
        size_t length = utf8_decode(text + at, size - at, &code);
        bool plain = length > 0 && utf8_printable(code) && code != '/' && code != '%' && !(at == 0 && code == '.');
        if (key.length + (plain ? length : 3) > KEY_MAX - 10)
            break;
        if (plain)
            buf_add(&key, text + at, length);
        else
            buf_printf(&key, "%%%02X", (unsigned char)text[at]);
        at += plain ? length : 1;
    }
    if (key.length == 0)
        buf_puts(&key, "%");
    return buf_take(&key);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct submission *)a)->student, ((const struct submission *)b)->student);
}

/* Two names that only differ beyond a key's end, or in bytes that a key has no letters for. */
void submissions_sort(struct submissions *list)
{
    qsort(list->item, list->count, sizeof list->item[0], by_key);
    for (size_t i = 1, twin = 1; i < list->count; i++) {
        struct submission *s = &list->item[i];
        twin = strcmp(s->student, list->item[i - twin].student) == 0 ? twin + 1 : 1;
        if (twin > 1) {
            char *key = xasprintf("%s%%%zu", s->student, twin);
            free(s->student);
            s->student = key;
        }
    }
    qsort(list->item, list->count, sizeof list->item[0], by_key);
}

/* Moodle calls all students of a blind assignment by one word ("Participant", in its language). */
static void tell_namesakes_apart(struct submissions *list)
{
    bool *twin = xcalloc(list->count + 1, sizeof *twin);

    for (size_t i = 0; i < list->count; i++)
        for (size_t k = i + 1; k < list->count; k++)
            if (strcmp(list->item[i].name, list->item[k].name) == 0)
                twin[i] = twin[k] = true;
    for (size_t i = 0; i < list->count; i++) {
        struct submission *s = &list->item[i];
        if (!twin[i] || !s->lms_id)
            continue;
        char *name = xasprintf("%s %s", s->name, s->lms_id);
        free(s->name);
        s->name = name;
    }
    free(twin);
}

/* --- what Canvas numbered ------------------------------------------------------------------------------- */

/* Is it `plain`, or a number of that? The number. */
static bool is_number_of(const char *path, const char *plain, unsigned *number)
{
    char *own;

    *number = canvas_number(path, &own);
    bool same = strcmp(own ? own : path, plain) == 0;
    free(own);
    return same;
}

/* Of hello_server.c, hello_server-1.c and hello_server-2.c the last one was handed in last; it gets the plain name, the others
   go. */
static void take_latest_of(struct pieces *p, const char *plain, struct submission *s)
{
    size_t count = 0, latest = 0;
    unsigned most = 0, number;

    for (size_t i = 0; i < p->count; i++) {
        if (!is_number_of(p->item[i].path, plain, &number))
            continue;
        latest = count++ == 0 || number > most ? i : latest;
        most = number > most ? number : most;
    }
    if (count > 1) {
        char *shown = path_shown(p->item[latest].path);
        char *before = s->remark;
        s->remark = xasprintf(_("%s%s%s is the latest of %zu."), before ? before : "", before ? " " : "", shown, count);
        free(before);
        free(shown);
    }
    for (size_t i = p->count; i > 0; i--) {
        if (i - 1 == latest || !is_number_of(p->item[i - 1].path, plain, &number))
            continue;
        pieces_remove(p, i - 1);
        latest -= i - 1 < latest;
    }
    free(p->item[latest].path);
    p->item[latest].path = xstrdup(plain);
}

static bool has_piece(const struct pieces *p, const char *path)
{
    for (size_t i = 0; i < p->count; i++)
        if (strcmp(p->item[i].path, path) == 0)
            return true;
    return false;
}

/* Does an #include (or a comment, which does no harm) speak of the file by this name? */
static bool is_spoken_of(const struct pieces *p, const char *name)
{
    char *quoted = xasprintf("\"%s\"", name);
    bool found = false;

    for (size_t i = 0; i < p->count && !found; i++)
        found = p->item[i].bytes.length > 0 &&
                memmem(p->item[i].bytes.data, p->item[i].bytes.length, quoted, strlen(quoted));
    free(quoted);
    return found;
}

static size_t count_numbers_of(const struct pieces *p, const char *plain)
{
    size_t count = 0;
    unsigned number;

    for (size_t i = 0; i < p->count; i++)
        count += is_number_of(p->item[i].path, plain, &number);
    return count;
}

/* A student's own "lab-4.zip" has a number of Canvas's only if there is a "lab.zip"; "stage-1.c" and "stage-2.h" are two. */
static bool is_numbered(const struct lab *lab, const struct pieces *p, const char *path, const char *plain)
{
    if (build_takes(&lab->build, plain))
        return true;
    if (has_piece(p, plain))
        return path_is_archive(plain) || (build_may_take(&lab->build, plain) && !is_spoken_of(p, path));
    return build_may_take(&lab->build, plain) && count_numbers_of(p, plain) == 1 && !is_spoken_of(p, path);
}

static void undo_numbers(const struct lab *lab, struct pieces *p, struct submission *s)
{
    for (size_t i = 0; i < p->count; i++) {
        char *plain;
        if (canvas_number(p->item[i].path, &plain) > 0 && is_numbered(lab, p, p->item[i].path, plain)) {
            take_latest_of(p, plain, s);
            i = SIZE_MAX; /* they have moved: from the start */
        }
        free(plain);
    }
}

/* --- the whole ---------------------------------------------------------------------------------------------- */

static int choose_all(struct gather *g, bool dated)
{
    int result = 0;

    for (size_t i = 0; i < g->list->count; i++) {
        struct submission *s = &g->list->item[i];
        int64_t commit = s->handed_in;
        s->handed_in = 0;
        if (g->list->source == SUBMISSION_CANVAS)
            undo_numbers(g->lab, &g->pieces[i], s);
        if (result == 0)
            result = choose_files(g->lab, &g->pieces[i], s);
        pieces_free(&g->pieces[i]);
        if (s->clock == SUBMISSION_TIME_COMMIT)
            s->handed_in = commit;
        else if (dated && s->handed_in > 0)
            s->clock = SUBMISSION_TIME_FILE;
        else
            s->handed_in = 0;
        if (s->handed_in == 0)
            s->clock = SUBMISSION_TIME_UNKNOWN;
        char *key = submission_key(s->student);
        free(s->student);
        s->student = key;
    }
    free(g->pieces);
    g->pieces = NULL;
    return result;
}

static int read_archive(struct gather *g, int fd, char **message)
{
    struct pieces all = {.most = archive_of_class.entries};
    int result = archive_unpack(g->lab, fd, NULL, "", &archive_of_class, &all);

    /* Half a class must not look like a class of which half handed in nothing. */
    if (result == -EBADMSG)
        *message = xasprintf("%s: %s", g->path, all.trouble);
    if (result == 0)
        gather_archive(g, &all);
    pieces_free(&all);
    return result;
}

static int read_source(struct gather *g, char **message)
{
    struct stat st = {.st_mode = 0};
    int result;
    int fd = open(g->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0)
        result = -errno;
    else if (S_ISDIR(st.st_mode))
        result = gather_folder(g, fd);
    else if (S_ISREG(st.st_mode))
        result = read_archive(g, fd, message);
    else
        result = -EINVAL;
    fd_close(&fd);
    bool dated = S_ISDIR(st.st_mode) && g->list->source == SUBMISSION_FOLDERS;
    int chosen = choose_all(g, dated);
    return result == 0 ? chosen : result;
}

int submissions_read(const struct lab *lab, const char *path, struct submissions *out, char **message)
{
    struct gather g = {.lab = lab, .path = path, .list = out};

    *out = (struct submissions){.count = 0};
    *message = NULL;
    int result = read_source(&g, message);
    if (result == 0 && out->count == 0) {
        result = -ENOENT;
        *message = xasprintf(_("%s: no hand-in is there: neither a student's folder or archive nor a file of Canvas or Moodle"), path);
    }
    if (result != 0) {
        if (!*message)
            *message = xasprintf("%s: %s", path, strerror(-result));
        submissions_free(out);
        return result;
    }
    if (g.strays > out->notes) {
        out->note = xrealloc(out->note, (out->notes + 1) * sizeof out->note[0]);
        out->note[out->notes] = xasprintf(_("%zu more like these."), g.strays - out->notes);
        out->notes++;
    }
    tell_namesakes_apart(out);
    submissions_sort(out);
    return 0;
}

int submission_unpack(const struct submission *s, const char *directory)
{
    int result = 0;

    for (size_t i = 0; i < s->files && result == 0; i++) {
        char *path = xasprintf("%s/%s", directory, s->file[i].name);
        result = file_write(path, s->file[i].bytes.data, s->file[i].bytes.length, 0644);
        free(path);
    }
    return result;
}

void submission_drop(struct submission *s)
{
    for (size_t i = 0; i < s->files; i++) {
        buf_free(&s->file[i].bytes);
        free(s->file[i].own);
    }
    free(s->file);
    s->file = NULL;
    s->files = 0;
}

void submission_free(struct submission *s)
{
    free(s->student);
    free(s->name);
    free(s->lms_id);
    free(s->login);
    free(s->email);
    free(s->remark);
    free(s->source);
    submission_drop(s);
}

void submissions_free(struct submissions *list)
{
    for (size_t i = 0; i < list->count; i++)
        submission_free(&list->item[i]);
    free(list->item);
    for (size_t i = 0; i < list->notes; i++)
        free(list->note[i]);
    free(list->note);
    *list = (struct submissions){.count = 0};
}
