/**
 * @file stored.h
 * A JSON result back into a grade, so that what was stored can be rendered again in any format.
 */
#ifndef SOCKLAB_REPORT_STORED_H
#define SOCKLAB_REPORT_STORED_H

#include "core/core.h"
#include "core/verdict.h"

/** A grade whose borrowed strings (ids, titles, hints...) belong to what it was read from. */
struct stored_grade {
    struct grade grade; /**< read it; freed by stored_free() only */
    void *document;
};

/**
 * Reads what REPORT_JSON wrote: rendering it again gives the same bytes, but for seconds, which are kept to the
 * millisecond. Fields that are missing are empty, unknown ones are passed over (another version may have written it); one of
 * another type, an unknown word, or a sum that is not that of the checks makes it bad. 0, or -EBADMSG with *message (caller frees) saying
 * what is wrong: then @p out is empty.
 */
int stored_read(const void *bytes, size_t size, struct stored_grade *out, char **message);
void stored_free(struct stored_grade *s);

#endif
