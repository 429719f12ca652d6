/**
 * @file platform.c
 * Canvas's and Moodle's tables, filled in: a mark into each cell that is known to be a student's, and a sentence about every
 * row and student for whom that is not known.
 */
#include "class/column.h"
#include "class/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MOST = 500 };

/** A table under way. */
struct filling {
    struct csv *table;
    const struct course *course;
    struct columns columns;
    const struct export_row *row;
    size_t rows;
    long *match;   /* for each row of the table */
    size_t *times; /* for each student, in how many rows */
    struct export_said *said;
};

static void say(struct filling *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** What stands in a table is a stranger's: it is shown without what steers a terminal. */
static void say(struct filling *f, const char *format, ...)
{
    va_list args;
    struct buf line = {0}, plain = {0};
    struct export_said *said = f->said;
    if (said->lines == LINES_MOST)
        return;
    va_start(args, format);
    buf_vprintf(&line, format, args);
    va_end(args);
    buf_plain(&plain, buf_text(&line), line.length);
    buf_free(&line);
    said->line = xrealloc(said->line, (said->lines + 1) * sizeof(said->line[0]));
    said->line[said->lines++] = buf_take(&plain);
}

/* --- words ---------------------------------------------------------------------------------------------------- */

/** A row as its first two cells that say anything: `line 5 ("Kim, Na", "1234")`. The caller frees it. */
static char *row_words(const struct csv *table, size_t at)
{
    struct buf words = {0};
    size_t shown = 0;
    buf_printf(&words, _("line %zu"), table->row[at].line);
    for (size_t i = 0; i < table->row[at].cells && shown < 2; i++) {
        char *cell = csv_get_plain(table, at, i);
        if (*cell) {
            buf_puts(&words, shown++ ? ", " : " (");
            buf_quote(&words, cell, strlen(cell), 60);
        }
        free(cell);
    }
    if (shown > 0)
        buf_puts(&words, ")");
    return buf_take(&words);
}

static char *student_words(const struct export_row *row)
{
    if (row->name && strcmp(row->name, row->student) != 0)
        return xasprintf("%s (%s)", row->student, row->name);
    return xstrdup(row->student);
}

/* --- marks ------------------------------------------------------------------------------------------------------ */

static void set_cell(struct filling *f, size_t at, const struct mark *mark)
{
    char text[24];
    mark_text(mark->value, text, sizeof(text));
    char *point = strchr(text, '.');
    if (point && f->columns.comma)
        *point = ',';
    csv_set(f->table, at, f->columns.target, text);
    f->said->filled++;
}

static void fill_row(struct filling *f, size_t at, const struct mark *mark)
{
    if (mark->state == MARK_COUNTS)
        set_cell(f, at, mark);
    else
        f->said->waiting++;
}

static void fill_rows(struct filling *f)
{
    for (size_t i = 1; i < f->table->rows; i++) {
        long student = f->match[i];
        if (student == MATCH_EMPTY || (student >= 0 && f->times[student] == 1)) {
            if (student >= 0)
                fill_row(f, i, f->row[student].mark);
            continue;
        }
        char *row = row_words(f->table, i);
        if (student == MATCH_NOBODY)
            say(f, _("%s is in the table and not in the class."), row);
        else if (student == MATCH_CONFLICT)
            say(f, _("%s names two students of the class at once, and was left as it was."), row);
        else
            say(f, _("%s is one of several rows for %s, and was left as it was."), row, f->row[student].student);
        free(row);
    }
}

static void say_missing(struct filling *f)
{
    for (size_t i = 0; i < f->rows; i++) {
        if (f->times[i] > 0)
            continue;
        char *student = student_words(&f->row[i]);
        say(f, _("%s is in the class and not in the table."), student);
        free(student);
    }
}

/** A cell beside the marks that says what they are out of: Canvas's row of points, Moodle's highest grade. */
static bool find_most(enum platform platform, const struct filling *f, int64_t *most)
{
    bool moodle = platform == PLATFORM_MOODLE;
    for (size_t i = 1; i < f->table->rows; i++) {
        bool wanted = moodle ? f->match[i] >= 0 : f->match[i] == MATCH_EMPTY;
        char *text = csv_get_plain(f->table, i, f->columns.target + moodle);
        bool number = wanted && column_number(text, most);
        free(text);
        if (number)
            return true;
    }
    return false;
}

static void say_most(enum platform platform, struct filling *f)
{
    int64_t most;
    char theirs[24];
    if (!find_most(platform, f, &most) || most == 0 || most == (int64_t)f->course->out_of * 100)
        return;
    say(f, _("The platform gives %s points for this, and the marks are out of %d: write out_of: in the course's file."),
        mark_text(most, theirs, sizeof(theirs)), f->course->out_of);
}

static void fill_table(enum platform platform, struct filling *f)
{
    size_t matched = 0;
    f->match = match_rows(f->table, &f->columns, f->row, f->rows);
    f->times = xcalloc(f->rows, sizeof(f->times[0]));
    for (size_t i = 1; i < f->table->rows; i++)
        if (f->match[i] >= 0) {
            f->times[f->match[i]]++;
            matched++;
        }
    if (matched == 0) {
        say(f, _("Nobody of the class is in the table: ids, logins and e-mail addresses were compared. --roster can name them."));
    } else {
        say_most(platform, f);
        fill_rows(f);
        if (f->said->waiting > 0)
            say(f, ngettext("%zu student has no mark yet; the cell was left as it was.",
                            "%zu students have no mark yet; their cells were left as they were.", f->said->waiting),
                f->said->waiting);
        say_missing(f);
    }
    free(f->times);
    free(f->match);
}

int export_platform(enum platform platform, const char *path, const struct course *c, const struct export_row *row,
                    size_t rows, struct buf *out, struct export_said *said, char **message)
{
    struct csv table = {0};
    *said = (struct export_said){0};
    int error = csv_read(path, &table, message);
    if (error < 0)
        return error;
    struct filling f = {.table = &table, .course = c, .row = row, .rows = rows, .said = said};
    char *complaint;
    error = columns_find(platform, &table, c, &f.columns, &complaint);
    if (error < 0) {
        *message = xasprintf("%s:1: %s", path, complaint);
        free(complaint);
    } else {
        said->column = csv_get_plain(&table, 0, f.columns.target);
        if (rows > 0)
            fill_table(platform, &f);
        csv_write(&table, out);
    }
    csv_free(&table);
    return error;
}

void export_said_free(struct export_said *said)
{
    for (size_t i = 0; i < said->lines; i++)
        free(said->line[i]);
    free(said->line);
    free(said->column);
    *said = (struct export_said){0};
}
