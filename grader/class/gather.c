/**
 * @file gather.c
 * Whose is what: the first part of each path says it, as a folder's name or as Canvas or Moodle write it.
 */
#include "class/piece.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STRAYS_SHOWN = 20 };

/* What stands at the top: of a folder, or of an archive's paths. */
struct top {
    char *name;
    bool folder, checkout, link;
};

struct tops {
    struct top *item;
    size_t count;
};

static void add_top(struct tops *t, struct top top)
{
    if ((t->count & (t->count - 1)) == 0) /* a power of two is full */
        t->item = xrealloc(t->item, (t->count ? 2 * t->count : 1) * sizeof t->item[0]);
    t->item[t->count++] = top;
}

static void free_tops(struct tops *t)
{
    for (size_t i = 0; i < t->count; i++)
        free(t->item[i].name);
    free(t->item);
    *t = (struct tops){.count = 0};
}

/* --- students ------------------------------------------------------------------------------------- */

static void note_stray(struct gather *g, const char *name, const char *why)
{
    struct submissions *list = g->list;
    char *shown;

    if (g->strays++ >= STRAYS_SHOWN)
        return;
    shown = path_shown(name);
    list->note = xrealloc(list->note, (list->notes + 1) * sizeof list->note[0]);
    list->note[list->notes++] = xasprintf("%s %s.", shown, why);
    free(shown);
}

/* The student with that key, a new one if there is none yet. The strings are copied. */
static size_t find_student(struct gather *g, const char *key, const struct ident *who, const char *top)
{
    struct submissions *list = g->list;
    size_t i;

    for (i = list->count; i > 0; i--) /* mostly the last one */
        if (strcmp(list->item[i - 1].student, key) == 0)
            break;
    if (i == 0) {
        i = ++list->count;
        list->item = xrealloc(list->item, i * sizeof list->item[0]);
        g->pieces = xrealloc(g->pieces, i * sizeof g->pieces[0]);
        g->pieces[i - 1] = (struct pieces){.count = 0};
        list->item[i - 1] = (struct submission){
            .student = xstrdup(key),
            .name = path_shown(who->name ? who->name : key),
            .lms_id = who->id ? path_shown(who->id) : NULL,
            .source = path_shown(top),
        };
    }
    struct submission *s = &list->item[i - 1];
    s->late_mark = s->late_mark || who->late;
    return i - 1;
}

/* "kim.tar.gz" -> "kim" */
static char *without_ending(const char *name)
{
    size_t length = strcspn(name, ".");
    const char *tar = strstr(name, ".tar");
    const char *dot = tar ? tar : strrchr(name, '.');

    return xstrndup(name, dot && dot > name ? (size_t)(dot - name) : length);
}

/* Whose a top is, and the path of a file at the top among his pieces (caller frees). SIZE_MAX for nobody's. */
static size_t assign(struct gather *g, const char *name, bool folder, char **path)
{
    struct ident who = {.late = false};
    size_t student = SIZE_MAX;

    *path = NULL;
    if (g->list->source == SUBMISSION_CANVAS || g->list->source == SUBMISSION_MOODLE) {
        bool known = g->list->source == SUBMISSION_MOODLE ? moodle_name(name, &who)
                                                           : !folder && canvas_name(g->lab, name, &who);
        if (known) {
            student = find_student(g, who.id ? who.id : who.name, &who, name);
            *path = xstrdup(who.rest);
        } else {
            note_stray(g, name, _("has no student's name and number as the others have"));
        }
        ident_free(&who);
        return student;
    }
    if (!folder && !path_is_archive(name)) {
        note_stray(g, name, _("belongs to nobody: each student is a folder or an archive"));
        return SIZE_MAX;
    }
    char *key = folder ? xstrdup(name) : without_ending(name);
    student = find_student(g, key, &who, name);
    *path = xstrdup(folder ? "" : name);
    free(key);
    return student;
}

/* --- which kind of source ------------------------------------------------------------------------------ */

static enum submission_source detect(const struct lab *lab, const struct tops *tops)
{
    size_t canvas = 0, moodle = 0, checkouts = 0, folders = 0;
    struct ident who;

    for (size_t i = 0; i < tops->count; i++) {
        const struct top *top = &tops->item[i];
        folders += top->folder;
        checkouts += top->checkout;
        if (moodle_name(top->name, &who))
            moodle++;
        else if (!top->folder && canvas_name(lab, top->name, &who))
            canvas++;
        else
            continue;
        ident_free(&who);
    }
    if (moodle > 0 || canvas > 0)
        return moodle >= canvas ? SUBMISSION_MOODLE : SUBMISSION_CANVAS;
    return folders > 0 && checkouts == folders ? SUBMISSION_CHECKOUTS : SUBMISSION_FOLDERS;
}

/* --- a folder -------------------------------------------------------------------------------------------- */

static int list_tops(int directory, struct tops *tops)
{
    struct dirent **entry;
    struct stat st;
    int count = folder_list(directory, &entry);

    if (count < 0)
        return count;
    for (int i = 0; i < count; i++) {
        const char *name = entry[i]->d_name;
        if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
            struct top top = {.name = xstrdup(name), .folder = S_ISDIR(st.st_mode), .link = S_ISLNK(st.st_mode)};
            char *git = xasprintf("%s/.git", name);
            top.checkout = top.folder && fstatat(directory, git, &st, AT_SYMLINK_NOFOLLOW) == 0;
            free(git);
            add_top(tops, top);
        }
        free(entry[i]);
    }
    free(entry);
    return 0;
}

/* A student's folder; what a checkout says of its time comes with it. */
static int take_folder(struct gather *g, int directory, const struct top *top, size_t student)
{
    int below = openat(directory, top->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (below < 0) {
        if (errno != EACCES && errno != EPERM)
            return -errno;
        pieces_trouble(&g->pieces[student], "%s", _("The folder cannot be read: its permissions forbid it."));
        return 0;
    }
    int result = folder_walk(g->lab, below, "", &g->pieces[student]);
    if (top->checkout) {
        g->list->item[student].clock = SUBMISSION_TIME_COMMIT;
        g->list->item[student].handed_in = checkout_time(below);
    }
    fd_close(&below);
    return result;
}

static int take_top(struct gather *g, int directory, const struct top *top)
{
    char *path;
    int result;

    if (top->link) {
        note_stray(g, top->name, _("is a symbolic link, which is not followed"));
        return 0;
    }
    size_t student = assign(g, top->name, top->folder, &path);
    if (student == SIZE_MAX)
        return 0;
    if (top->folder)
        result = take_folder(g, directory, top, student);
    else
        result = folder_take(g->lab, directory, top->name, *path ? path : top->name, &g->pieces[student]);
    free(path);
    return result;
}

int gather_folder(struct gather *g, int directory)
{
    struct tops tops = {.count = 0};
    int result = list_tops(directory, &tops);

    if (result == 0)
        g->list->source = detect(g->lab, &tops);
    for (size_t i = 0; i < tops.count && result == 0; i++)
        result = take_top(g, directory, &tops.item[i]);
    free_tops(&tops);
    return result;
}

/* --- an archive ------------------------------------------------------------------------------------------- */

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct piece *)a)->path, ((const struct piece *)b)->path);
}

/* The tops of paths that are in order. */
static void find_tops(const struct pieces *all, struct tops *tops)
{
    for (size_t i = 0; i < all->count; i++) {
        const char *path = all->item[i].path;
        size_t length = strcspn(path, "/");
        const char *last = tops->count ? tops->item[tops->count - 1].name : NULL;
        if (!last || strlen(last) != length || memcmp(last, path, length) != 0)
            add_top(tops, (struct top){.name = xstrndup(path, length), .folder = path[length] == '/'});
    }
}

/* A zip made of the folder into which Canvas's or Moodle's was unpacked: one folder stands above all. */
static void strip_folder_above(const struct lab *lab, struct pieces *all, struct tops *tops)
{
    struct ident who;
    bool named = tops->count == 1 && moodle_name(tops->item[0].name, &who);

    if (named)
        ident_free(&who);
    if (named || tops->count != 1 || !tops->item[0].folder)
        return;
    size_t length = strlen(tops->item[0].name) + 1;
    for (size_t i = 0; i < all->count; i++) /* it is the student's own folder */
        if (!strchr(all->item[i].path + length, '/') && build_takes(&lab->build, all->item[i].path + length))
            return;
    for (size_t i = 0; i < all->count; i++) {
        char *path = xstrdup(all->item[i].path + length);
        free(all->item[i].path);
        all->item[i].path = path;
    }
    free_tops(tops);
    find_tops(all, tops);
}

void gather_archive(struct gather *g, struct pieces *all)
{
    struct tops tops = {.count = 0};

    for (size_t i = 0; i < all->count; i++) { /* "./kim/a.c", "/kim/a.c" */
        char *path = all->item[i].path;
        size_t skip = strspn(path, "/");
        while (path[skip] == '.' && path[skip + 1] == '/')
            skip += 1 + strspn(path + skip + 1, "/");
        memmove(path, path + skip, strlen(path + skip) + 1);
    }
    qsort(all->item, all->count, sizeof all->item[0], by_path);
    find_tops(all, &tops);
    strip_folder_above(g->lab, all, &tops);
    g->list->source = detect(g->lab, &tops);
    free_tops(&tops);
    for (size_t i = 0; i < all->count; i++) {
        struct piece piece = all->item[i];
        char *slash = strchr(piece.path, '/'), *path;
        char *top = slash ? xstrndup(piece.path, (size_t)(slash - piece.path)) : xstrdup(piece.path);
        size_t student = assign(g, top, slash != NULL, &path);
        char *own = slash ? xstrdup(slash + 1) : path ? xstrdup(*path ? path : top) : NULL;
        free(piece.path);
        piece.path = own;
        if (student == SIZE_MAX)
            buf_free(&piece.bytes), free(own);
        else
            pieces_add(&g->pieces[student], piece);
        free(path);
        free(top);
    }
    all->count = 0;
    pieces_free(all);
}
