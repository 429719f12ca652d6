/**
 * @file tool_submissions.c
 * submissions LAB PATH [ROSTER]: what the grader makes of a class's hand-ins, a line for each:
 *
 *     KEY|NAME|LMS ID|LOGIN|STATE|LATE or -|TIME|FILES with their sizes|REMARK
 *
 * then `# NOTE` lines and `= SOURCE`. Status 0; 1 with the message on stderr when nothing could be read.
 * With UNPACK in the environment, the files of the first hand-in are written into that folder.
 */
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
    submissions_free(&list);
    return result == 0 ? 0 : 1;
}
