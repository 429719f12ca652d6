/**
 * @file book.h
 * A gradebook as its own two files see it. Nobody else includes it.
 */
#ifndef SOCKLAB_CLASS_BOOK_H
#define SOCKLAB_CLASS_BOOK_H

#include "class/gradebook.h"

#include <sqlite3.h>

enum book_query {
    BOOK_BEGIN,
    BOOK_COMMIT,
    BOOK_ROLLBACK,
    BOOK_LAST_RUN,
    BOOK_ADD_RUN,
    BOOK_SET_SINCE,
    BOOK_END_RUN,
    BOOK_PUT_STUDENT,
    BOOK_PUT_SUBMISSION,
    BOOK_ADD_RECEIPT,
    BOOK_HAS_GRADE,
    BOOK_ADD_GRADING,
    BOOK_CURRENT,
    BOOK_LAST_GRADING,
    BOOK_QUERIES,
};

struct gradebook {
    sqlite3 *db;
    char *path;
    char *reason;
    sqlite3_stmt *statement[BOOK_QUERIES];
    int64_t run;    /* this one; 0: none begun */
    int64_t since;  /* with --again: the run from which on a grading counts */
    bool goes_on;
};

/** A statement ready for its parameters; NULL with the reason set. */
sqlite3_stmt *book_use(struct gradebook *book, enum book_query query);
/**
 * Binds from the first parameter on, as @p types says: t text (NULL allowed; must last until the step), i int64_t, d double. Then steps.
 * 1: there is a row; 0: done; -errno with the reason.
 */
int book_step(struct gradebook *book, enum book_query query, const char *types, ...);
/** A text of the row, copied; NULL for NULL. */
char *book_text(struct gradebook *book, enum book_query query, int column);
int64_t book_number(struct gradebook *book, enum book_query query, int column);
/** The statement lets go of what it holds. */
void book_done(struct gradebook *book, enum book_query query);

#endif
