/**
 * @file similarity.c
 * Two rounds of sim_c. The first finds what hand-ins have of the skeleton: those lines are taken out, and leave empty ones, so that the others keep
 * their numbers. The second compares what is left, each with each. A pair's percentage is the part of the one's
 * tokens that the other has too, the larger of both directions.
 */
#include "class/similarity.h"
#include "class/similar_runs.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUNS_MAX = 2000000, SKELETON_FILES_MAX = 32 };

struct finding_pairs {
    const struct submissions *list;
    char folder[64];
    size_t given;       /* files of the skeleton */
    struct buf *text;   /* of each student's files, `BUILD_SOURCES_MAX` a student, as they are compared */
    int *tokens;        /* of each student, without the skeleton's */
    int *common;        /* tokens of student i that are student k's too, at i * count + k */
    struct sim_run *run;
    size_t runs, capacity;
};

static struct buf *text_of(const struct finding_pairs *f, struct sim_file file)
{
    return &f->text[file.student * BUILD_SOURCES_MAX + file.file];
}

static bool is_known(const struct finding_pairs *f, struct sim_file file)
{
    return file.student < f->list->count && file.file < f->list->item[file.student].files;
}

/* --- files for sim_c ------------------------------------------------------------------------------------ */

static int put_file(const struct finding_pairs *f, struct sim_file file, const struct buf *bytes, struct buf *names)
{
    char name[SIM_FILES_NAME], path[sizeof f->folder + SIM_FILES_NAME];

    sim_name(file, name);
    snprintf(path, sizeof path, "%s/%s", f->folder, name);
    buf_printf(names, "%s\n", name);
    return file_write(path, bytes->data, bytes->length, 0600);
}

/* All hand-ins, and behind a slash the skeleton in the first round; their names in FOLDER/list. */
static int put_students(const struct finding_pairs *f, struct buf *names)
{
    int result = 0;

    for (size_t i = 0; i < f->list->count && result == 0; i++)
        for (size_t k = 0; k < f->list->item[i].files && result == 0; k++) {
            struct sim_file file = {i, k};
            result = put_file(f, file, text_of(f, file), names);
        }
    return result;
}

static int put_skeleton(struct finding_pairs *f, const char *skeleton, struct buf *names)
{
    DIR *folder = opendir(skeleton);
    const struct dirent *entry;
    int result = 0;

    if (!folder)
        return errno == ENOENT ? -ENOTDIR : -errno; /* -ENOENT is for a missing sim_c */
    while (result == 0 && f->given < SKELETON_FILES_MAX && (entry = readdir(folder))) {
        size_t length = strlen(entry->d_name);
        struct buf bytes = {.limit = BUILD_FILE_LIMIT};
        if (length < 3 || entry->d_name[length - 2] != '.' || !strchr("ch", entry->d_name[length - 1]))
            continue;
        char *path = xasprintf("%s/%s", skeleton, entry->d_name);
        result = file_read(path, &bytes);
        if (result == 0)
            result = put_file(f, (struct sim_file){SIZE_MAX, f->given++}, &bytes, names);
        free(path);
        buf_free(&bytes);
    }
    closedir(folder);
    return result;
}

static int run_sim(const struct finding_pairs *f, const struct buf *names, const char *const *options, const struct sim_reader *reader)
{
    char path[sizeof f->folder + 8];

    snprintf(path, sizeof path, "%s/list", f->folder);
    int result = file_write(path, names->data, names->length, 0600);
    return result == 0 ? sim_read(f->folder, "list", options, reader) : result;
}

/* --- without the skeleton ----------------------------------------------------------------------------------- */

/* Empties some lines of a text. */
static void empty_lines(struct buf *text, int first, int last)
{
    int line = 1;

    for (size_t i = 0; i < text->length && line <= last; i++) {
        if (text->data[i] == '\n')
            line++;
        else if (line >= first)
            text->data[i] = ' ';
    }
}

static void take_out(void *argument, const struct sim_run *run)
{
    struct finding_pairs *f = argument;

    if (is_known(f, run->file[0]) && run->file[1].student == SIZE_MAX)
        empty_lines(text_of(f, run->file[0]), run->first[0], run->last[0]);
}

static int remove_skeleton(struct finding_pairs *f, const char *skeleton)
{
    /* Old files are compared with, and not between themselves; what students keep of a skeleton comes in short runs. */
    static const char *const options[] = {"-S", "-r12", NULL};
    struct sim_reader reader = {.run = take_out, .argument = f};
    struct buf names = {0};

    int result = put_students(f, &names);
    buf_puts(&names, "/\n");
    if (result == 0)
        result = put_skeleton(f, skeleton, &names);
    if (result == 0 && f->given > 0)
        result = run_sim(f, &names, options, &reader);
    buf_free(&names);
    return result;
}

/* --- each with each -------------------------------------------------------------------------------------------- */

static void count_file(void *argument, struct sim_file file, int tokens)
{
    struct finding_pairs *f = argument;

    if (is_known(f, file) && tokens > 0)
        f->tokens[file.student] += tokens;
}

static void count_run(void *argument, const struct sim_run *run)
{
    struct finding_pairs *f = argument;
    size_t a = run->file[0].student, b = run->file[1].student;

    if (!is_known(f, run->file[0]) || !is_known(f, run->file[1]) || a == b || f->runs == RUNS_MAX)
        return;
    f->common[a * f->list->count + b] += run->tokens;
    if (f->runs == f->capacity) {
        f->capacity = f->capacity ? 2 * f->capacity : 256;
        f->run = xrealloc(f->run, f->capacity * sizeof f->run[0]);
    }
    f->run[f->runs++] = *run;
}

static int compare_all(struct finding_pairs *f)
{
    /* Every file with every other in isolation, both ways (sim(1), "Calculating Percentages"), never with itself. */
    static const char *const options[] = {"-aes", NULL};
    struct sim_reader reader = {.file = count_file, .run = count_run, .argument = f};
    struct buf names = {0};

    int result = put_students(f, &names);
    if (result == 0 && names.length > 0)
        result = run_sim(f, &names, options, &reader);
    buf_free(&names);
    return result;
}

/* Of a student's tokens the part that is the other's too. Two of the other's files may match the same ones. */
static int percent_of(const struct finding_pairs *f, size_t a, size_t b)
{
    int64_t common = f->common[a * f->list->count + b], all = f->tokens[a];

    return all == 0 ? 0 : common >= all ? 100 : (int)(100 * common / all);
}

static int by_length(const void *a, const void *b)
{
    const struct similar_run *x = a, *y = b;

    if (x->tokens != y->tokens)
        return y->tokens - x->tokens;
    return x->first[0] != y->first[0] ? x->first[0] - y->first[0] : x->first[1] - y->first[1];
}

static int by_students(const void *a, const void *b)
{
    const struct sim_run *x = a, *y = b;

    for (size_t side = 0; side < 2; side++)
        if (x->file[side].student != y->file[side].student)
            return x->file[side].student < y->file[side].student ? -1 : 1;
    return 0;
}

/* The first of the runs from a to b; they are in order. */
static size_t find_runs(const struct finding_pairs *f, size_t a, size_t b)
{
    struct sim_run wanted = {.file = {{a, 0}, {b, 0}}};
    size_t low = 0, high = f->runs;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_students(&f->run[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The runs from the side that has more in common. */
static void add_runs(const struct finding_pairs *f, struct similar_pair *pair, bool turned)
{
    size_t a = pair->student[turned], b = pair->student[!turned], first = find_runs(f, a, b);

    for (size_t i = first; i < f->runs && f->run[i].file[0].student == a && f->run[i].file[1].student == b; i++)
        pair->runs++;
    pair->run = xcalloc(pair->runs + 1, sizeof pair->run[0]);
    for (size_t i = 0; i < pair->runs; i++) {
        const struct sim_run *run = &f->run[first + i];
        pair->run[i].tokens = run->tokens;
        for (size_t side = 0; side < 2; side++) {
            size_t from = turned ? !side : side;
            pair->run[i].file[side] = f->list->item[run->file[from].student].file[run->file[from].file].name;
            pair->run[i].first[side] = run->first[from];
            pair->run[i].last[side] = run->last[from];
        }
    }
    qsort(pair->run, pair->runs, sizeof pair->run[0], by_length);
}

static int by_percent(const void *a, const void *b)
{
    const struct similar_pair *x = a, *y = b;

    if (x->percent != y->percent)
        return y->percent - x->percent;
    if (x->student[0] != y->student[0])
        return x->student[0] < y->student[0] ? -1 : 1;
    return x->student[1] < y->student[1] ? -1 : 1;
}

static void collect_pairs(const struct finding_pairs *f, struct similarity *out)
{
    for (size_t a = 0; a < f->list->count; a++) {
        out->compared += f->list->item[a].files > 0;
        for (size_t b = a + 1; b < f->list->count; b++) {
            int there = percent_of(f, a, b), back = percent_of(f, b, a);
            int percent = there > back ? there : back;
            if (percent == 0 || percent < out->threshold)
                continue;
            out->pair = xrealloc(out->pair, (out->pairs + 1) * sizeof out->pair[0]);
            struct similar_pair *pair = &out->pair[out->pairs++];
            *pair = (struct similar_pair){.student = {a, b}, .percent = percent};
            add_runs(f, pair, back > there);
        }
    }
    qsort(out->pair, out->pairs, sizeof out->pair[0], by_percent);
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

static int make_folder(struct finding_pairs *f)
{
    const char *tmp = getenv("TMPDIR");
    int length = snprintf(f->folder, sizeof f->folder, "%s/socklab-sim.XXXXXX", tmp && *tmp ? tmp : "/tmp");

    if (length < 0 || (size_t)length >= sizeof f->folder)
        snprintf(f->folder, sizeof f->folder, "/tmp/socklab-sim.XXXXXX");
    return mkdtemp(f->folder) ? 0 : -errno;
}

static void begin(struct finding_pairs *f)
{
    size_t count = f->list->count;

    f->text = xcalloc(count * BUILD_SOURCES_MAX + 1, sizeof f->text[0]);
    f->tokens = xcalloc(count + 1, sizeof f->tokens[0]);
    f->common = xcalloc(count * count + 1, sizeof f->common[0]);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < f->list->item[i].files; k++) {
            const struct buf *bytes = &f->list->item[i].file[k].bytes;
            buf_add(text_of(f, (struct sim_file){i, k}), bytes->data, bytes->length);
        }
}

static void end(struct finding_pairs *f)
{
    for (size_t i = 0; i < f->list->count * BUILD_SOURCES_MAX; i++)
        buf_free(&f->text[i]);
    free(f->text);
    free(f->tokens);
    free(f->common);
    free(f->run);
}

int similarity_find(const struct submissions *list, const char *skeleton, int threshold, struct similarity *out, char **message)
{
    struct finding_pairs f = {.list = list};

    *out = (struct similarity){.threshold = threshold};
    *message = NULL;
    int result = make_folder(&f);
    if (result == 0) {
        begin(&f);
        if (skeleton)
            result = remove_skeleton(&f, skeleton);
        if (result == 0)
            result = compare_all(&f);
        if (result == 0) {
            qsort(f.run, f.runs, sizeof f.run[0], by_students);
            collect_pairs(&f, out);
        }
        end(&f);
        int removed = tree_remove(f.folder);
        result = result == 0 ? removed : result;
    }
    if (result == -ENOENT)
        *message = xstrdup(_("sim_c is not here: apt-get install similarity-tester"));
    else if (result != 0)
        *message = xasprintf(_("hand-ins could not be compared with sim_c: %s"), strerror(-result));
    if (result != 0)
        similarity_free(out);
    return result;
}

void similarity_free(struct similarity *s)
{
    for (size_t i = 0; i < s->pairs; i++)
        free(s->pair[i].run);
    free(s->pair);
    *s = (struct similarity){.threshold = s->threshold};
}
