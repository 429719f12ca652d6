/**
 * @file tool_submissions.c
 * submissions LAB PATH [ROSTER]: what the grader makes of a class's hand-ins, a line for each:
 *
 *     KEY|NAME|LMS ID|LOGIN|STATE|LATE or -|TIME|FILES with their sizes|REMARK
 *
 * then `# NOTE` lines and `= SOURCE`. Status 0; 1 with the message on stderr when nothing could be read.
 *
 * In the environment, UNPACK names a folder for the files of the first hand-in; SIMILAR is a percentage, for which
 * `~ PERCENT STUDENT STUDENT RUNS` lines are printed, SKELETON the folder that does not count, PAGE and TABLE files for what is shown.
 */
#include "class/similarity.h"
#include "class/submission.h"
#include "labs/labs.h"

#include <stdlib.h>

static void print_line(const struct submission *s)
{
    printf("%s|%s|%s|%s|%s|%s|%lld|", s->student, s->name, s->lms_id ? s->lms_id : "", s->login ? s->login : "",
           submission_state_word(s->state), s->late_mark ? "LATE" : "-", (long long)s->handed_in);
    for (size_t i = 0; i < s->files; i++)
        printf("%s%s:%zu", i ? " " : "", s->file[i].name, s->file[i].bytes.length);
    printf("|%s\n", s->remark ? s->remark : "");
}

static void write_file(const char *path, const struct buf *bytes)
{
    if (path && file_write(path, bytes->data, bytes->length, 0644) != 0)
        die(STATUS_TROUBLE, "%s", path);
}

static void print_similar(const struct lab *lab, const struct submissions *list, int percent)
{
    struct similarity s;
    struct buf page = {0}, table = {0};
    char *message;
    if (similarity_find(list, getenv("SKELETON"), percent, &s, &message) != 0)
        die(STATUS_LESS, "%s", message);
    for (size_t i = 0; i < s.pairs; i++)
        printf("~ %d %s %s %zu\n", s.pair[i].percent, list->item[s.pair[i].student[0]].student,
               list->item[s.pair[i].student[1]].student, s.pair[i].runs);
    similarity_page(&s, list, lab, &page);
    similarity_csv(&s, list, &table);
    write_file(getenv("PAGE"), &page);
    write_file(getenv("TABLE"), &table);
    buf_free(&page);
    buf_free(&table);
    similarity_free(&s);
}

int main(int argc, char **argv)
{
    struct submissions list;
    char *message = NULL;
    if (argc < 3)
        die(STATUS_USAGE, "usage: submissions LAB PATH [ROSTER]");
    const struct lab *lab = lab_find(labs_all, argv[1]);
    if (!lab)
        die(STATUS_USAGE, "no lab %s", argv[1]);
    if (submissions_read(lab, argv[2], &list, &message) != 0)
        die(STATUS_LESS, "%s", message);
    if (argv[3] && roster_apply(&list, argv[3], &message) != 0)
        die(STATUS_LESS, "%s", message);
    for (size_t i = 0; i < list.count; i++)
        print_line(&list.item[i]);
    for (size_t i = 0; i < list.notes; i++)
        printf("# %s\n", list.note[i]);
    printf("= %s\n", submission_source_word(list.source));
    const char *unpack = getenv("UNPACK");
    int result = unpack ? submission_unpack(&list.item[0], unpack) : 0;
    if (getenv("SIMILAR"))
        print_similar(lab, &list, atoi(getenv("SIMILAR")));
    submissions_free(&list);
    return result == 0 ? 0 : 1;
}
