/**
 * @file gradebook.c
 * What is written into the gradebook and read from it: runs, receipts, gradings, and the grade that counts.
 */
#include "class/book.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** All or nothing: commits, or takes everything back and keeps the reason why. */
static int end_transaction(struct gradebook *book, int error)
{
    if (error >= 0)
        error = book_step(book, BOOK_COMMIT, "");
    if (error < 0) {
        char *reason = book->reason;
        book->reason = NULL;
        book_step(book, BOOK_ROLLBACK, "");
        free(book->reason);
        book->reason = reason;
    }
    return error;
}

/* --- runs --------------------------------------------------------------------------------------------------- */

/** What the run before this one left: whether it came to its end, and from which run on gradings count for --again. */
static int look_back(struct gradebook *book, bool again)
{
    book->goes_on = false;
    book->since = 0;
    int error = book_step(book, BOOK_LAST_RUN, "");
    if (error <= 0)
        return error;
    bool was_again = book_number(book, BOOK_LAST_RUN, 0) != 0;
    book->goes_on = book_number(book, BOOK_LAST_RUN, 2) != 0;
    if (again && was_again && book->goes_on)
        book->since = book_number(book, BOOK_LAST_RUN, 1);
    book_done(book, BOOK_LAST_RUN);
    return 0;
}

int gradebook_begin(struct gradebook *book, const struct book_run *run)
{
    int error = book_step(book, BOOK_BEGIN, "");
    if (error < 0)
        return error;
    error = look_back(book, run->again);
    if (error == 0)
        error = book_step(book, BOOK_ADD_RUN, "ttittiii", run->source, run->version, (int64_t)run->seed, run->compiler,
                          run->sandbox, (int64_t)run->seconds, (int64_t)run->again, book->since);
    book->run = sqlite3_last_insert_rowid(book->db);
    if (error == 0 && run->again && book->since == 0) {
        book->since = book->run;
        error = book_step(book, BOOK_SET_SINCE, "i", book->run);
    }
    return end_transaction(book, error);
}

int gradebook_end(struct gradebook *book)
{
    return book_step(book, BOOK_END_RUN, "i", book->run);
}

bool gradebook_goes_on(const struct gradebook *book)
{
    return book->goes_on;
}

/* --- what came ---------------------------------------------------------------------------------------------- */

/** 1: it has a whole grading that counts; 0: it has none. */
static int has_grade(struct gradebook *book, const struct submission *s)
{
    int error = book_step(book, BOOK_HAS_GRADE, "tti", s->student, s->hash, book->since);
    if (error == 1)
        book_done(book, BOOK_HAS_GRADE);
    return error;
}

static int receive_one(struct gradebook *book, const struct submission *s, bool *work)
{
    bool gradable = submission_is_gradable(s);
    int error = book_step(book, BOOK_PUT_STUDENT, "ttttt", s->student, s->name, s->lms_id, s->login, s->email);
    if (error == 0 && gradable)
        error = book_step(book, BOOK_PUT_SUBMISSION, "tt", s->student, s->hash);
    if (error == 0)
        error = book_step(book, BOOK_ADD_RECEIPT, "ttitttii", s->student, gradable ? s->hash : NULL, book->run,
                          submission_state_word(s->state), s->remark, s->source, s->handed_in, (int64_t)s->late_mark);
    if (error == 0 && gradable) {
        error = has_grade(book, s);
        *work = error == 0;
    }
    return error < 0 ? error : 0;
}

int gradebook_receive(struct gradebook *book, const struct submission *list, size_t count, bool *work)
{
    int error = book_step(book, BOOK_BEGIN, "");
    if (error < 0)
        return error;
    for (size_t i = 0; error == 0 && i < count; i++) {
        work[i] = false;
        error = receive_one(book, &list[i], &work[i]);
    }
    return end_transaction(book, error);
}

int gradebook_plan(struct gradebook *book, bool again, const struct submission *list, size_t count, bool *work)
{
    int error = look_back(book, again);
    for (size_t i = 0; error >= 0 && i < count; i++) {
        work[i] = submission_is_gradable(&list[i]);
        if (!work[i] || (again && book->since == 0))
            continue;
        error = has_grade(book, &list[i]);
        work[i] = error == 0;
    }
    return error < 0 ? error : 0;
}

/* --- gradings ----------------------------------------------------------------------------------------------- */

int gradebook_add(struct gradebook *book, const char *student, const struct book_grading *g)
{
    int error = book_step(book, BOOK_ADD_GRADING, "tiidiiitttt", student, book->run, g->started, g->seconds,
                          (int64_t)g->complete, (int64_t)g->score, (int64_t)g->max, g->sandbox, g->protections, g->result, g->trouble);
    if (error == 0 && sqlite3_changes(book->db) != 1)
        BUG("a grading of %s, who handed nothing in", student);
    return error;
}

/**
 * What was graded last, where that was not whole: it counts for nothing, and somebody should look. Not when a whole grade of the same
 * files stands and the failure is an earlier run's: that was looked at.
 */
static int read_last(struct gradebook *book, const char *student, struct book_grade *out)
{
    int error = book_step(book, BOOK_LAST_GRADING, "t", student);
    if (error <= 0)
        return error;
    bool complete = book_number(book, BOOK_LAST_GRADING, 0) != 0;
    bool settled = out->result && !out->outdated && book_number(book, BOOK_LAST_GRADING, 3) != book->run;
    if (!complete && !settled) {
        out->trouble = book_text(book, BOOK_LAST_GRADING, 2);
        if (!out->result || out->outdated)
            out->incomplete = book_text(book, BOOK_LAST_GRADING, 1);
        if (!out->trouble)
            out->trouble = xstrdup(_("The grader could not judge every check."));
    }
    book_done(book, BOOK_LAST_GRADING);
    return 0;
}

int gradebook_current(struct gradebook *book, const char *student, struct book_grade *out)
{
    *out = (struct book_grade){0};
    int error = book_step(book, BOOK_CURRENT, "ti", student, book->run);
    if (error < 0)
        return error;
    if (error == 1) {
        out->result = book_text(book, BOOK_CURRENT, 0);
        out->size = strlen(out->result);
        out->outdated = book_number(book, BOOK_CURRENT, 1) != 0;
        out->seconds = sqlite3_column_double(book->statement[BOOK_CURRENT], 2);
        out->handed_in = book_number(book, BOOK_CURRENT, 3);
        out->late_mark = book_number(book, BOOK_CURRENT, 4) != 0;
        out->other_conditions = book_number(book, BOOK_CURRENT, 5) != 0;
        book_done(book, BOOK_CURRENT);
    }
    error = read_last(book, student, out);
    if (error < 0)
        book_grade_free(out);
    return error;
}

void book_grade_free(struct book_grade *grade)
{
    free(grade->result);
    free(grade->incomplete);
    free(grade->trouble);
    *grade = (struct book_grade){0};
}
