/**
 * @file column.c
 * The column to be filled in.
 */
#include "class/column.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HEADINGS_SHOWN = 20 };

/* --- numbers --------------------------------------------------------------------------------------------------- */

bool column_number(const char *text, int64_t *value)
{
    size_t digits = strspn(text, "0123456789"), fraction = 0;
    *value = 0;
    if (digits == 0 || digits > 9)
        return false;
    for (size_t i = 0; i < digits; i++)
        *value = 10 * *value + (text[i] - '0');
    *value *= 100;
    if (text[digits] == '\0')
        return true;
    if (text[digits] != '.' && text[digits] != ',')
        return false;
    text += digits + 1;
    fraction = strspn(text, "0123456789");
    if (fraction > 0)
        *value += 10 * (text[0] - '0');
    if (fraction > 1)
        *value += text[1] - '0';
    return fraction > 0 && text[fraction] == '\0';
}

static bool cell_number(const struct csv *table, size_t row, size_t column, int64_t *value)
{
    char *text = csv_get_plain(table, row, column);
    bool number = column_number(text, value);
    free(text);
    return number;
}

/** Whether the table's fractions have a comma: `10,00`. */
static bool has_comma(const struct csv *table)
{
    for (size_t i = 1; i < table->rows; i++) {
        for (size_t k = 0; k < table->row[i].cells; k++) {
            char *text = csv_get_plain(table, i, k);
            int64_t value;
            bool number = column_number(text, &value), comma = strchr(text, ','), point = strchr(text, '.');
            free(text);
            if (number && (comma || point))
                return comma;
        }
    }
    return false;
}

/* --- headings ---------------------------------------------------------------------------------------------------- */

/** The length of an assignment's name in Canvas's heading `NAME (NUMBER)`; 0: it is none. */
static size_t assignment_name(const char *heading)
{
    size_t size = strlen(heading);
    if (size < 4 || heading[size - 1] != ')')
        return 0;
    size_t open = size - 1;
    while (open > 0 && heading[open - 1] >= '0' && heading[open - 1] <= '9')
        open--;
    bool numbered = open < size - 1 && open >= 2 && heading[open - 1] == '(' && heading[open - 2] == ' ';
    return numbered ? open - 2 : 0;
}

static bool is_named(const char *heading, const char *name)
{
    size_t size = assignment_name(heading);
    return strcmp(heading, name) == 0 || (size && strlen(name) == size && strncmp(heading, name, size) == 0);
}

static bool names_lab(const char *heading, const struct lab *lab)
{
    return strcasestr(heading, lab->id) || strcasestr(heading, lab->title) || strcasestr(heading, _(lab->title));
}

enum question { IS_NAMED, NAMES_LAB, IS_ASSIGNMENT };

static bool answer(enum question question, enum platform platform, const struct course *c, const char *name, const char *heading)
{
    bool assignment = assignment_name(heading) > 0;
    switch (question) {
    case IS_NAMED: return name && is_named(heading, name);
    case NAMES_LAB: return names_lab(heading, c->lab) && (assignment || platform == PLATFORM_MOODLE);
    case IS_ASSIGNMENT: return assignment && platform == PLATFORM_CANVAS;
    }
    return false;
}

/** How many columns answer yes, and the first that does. */
static size_t ask_headings(enum question question, enum platform platform, const struct csv *table, const struct course *c,
                           size_t *first)
{
    const char *name = platform == PLATFORM_CANVAS ? c->canvas_column : c->moodle_column;
    size_t count = 0;
    *first = COLUMN_NONE;
    for (size_t i = 0; i < table->row[0].cells; i++) {
        char *heading = csv_get_plain(table, 0, i);
        if (answer(question, platform, c, name, heading) && count++ == 0)
            *first = i;
        free(heading);
    }
    return count;
}

/* --- Moodle's worksheet ------------------------------------------------------------------------------------------- */

/** One and the same number in each row. */
static bool is_constant(const struct csv *table, size_t column)
{
    int64_t first = 0, value;
    for (size_t i = 1; i < table->rows; i++) {
        if (table->row[i].cells == 1)
            continue; /* an empty line */
        if (!cell_number(table, i, column, &value) || (first && value != first) || value == 0)
            return false;
        first = value;
    }
    return first > 0;
}

/** Numbers, empty cells, and a dash for "none": what a column of grades holds. */
static bool is_graded(const struct csv *table, size_t column)
{
    for (size_t i = 1; i < table->rows; i++) {
        int64_t value;
        char *text = csv_get_plain(table, i, column);
        bool fits = !*text || strcmp(text, "-") == 0 || column_number(text, &value);
        free(text);
        if (!fits)
            return false;
    }
    return true;
}

/** The grades stand left of the highest grade that there can be. Where all have the same grade, that looks alike: the last one counts. */
static size_t find_grades(const struct csv *table)
{
    for (size_t i = 1; i < table->row[0].cells; i++) {
        if (!is_constant(table, i) || !is_graded(table, i - 1))
            continue;
        while (i + 1 < table->row[0].cells && is_constant(table, i + 1))
            i++;
        return i - 1;
    }
    return COLUMN_NONE;
}

/* --- finding --------------------------------------------------------------------------------------------------------- */

static char *list_headings(const struct csv *table, bool assignments)
{
    struct buf list = {0};
    size_t shown = 0;
    for (size_t i = 0; i < table->row[0].cells; i++) {
        char *heading = csv_get_plain(table, 0, i);
        if (*heading && (!assignments || assignment_name(heading)) && shown++ < HEADINGS_SHOWN) {
            buf_puts(&list, list.length ? ", " : "");
            buf_quote(&list, heading, strlen(heading), 80);
        }
        free(heading);
    }
    if (shown > HEADINGS_SHOWN)
        buf_puts(&list, ", ...");
    return buf_take(&list);
}

static int refuse(enum platform platform, const struct csv *table, const struct course *c, char **message)
{
    bool canvas = platform == PLATFORM_CANVAS;
    const char *name = canvas ? c->canvas_column : c->moodle_column, *key = canvas ? "canvas" : "moodle";
    size_t first;
    bool assignments = canvas && ask_headings(IS_ASSIGNMENT, platform, table, c, &first) > 0;
    char *headings = list_headings(table, assignments);
    if (name)
        *message = xasprintf(_("the course's file names the column '%s' (labs: %s: %s:), and not just one has that heading; "
                               "there are %s"), name, c->lab->id, key, headings);
    else
        *message = xasprintf(_("which column is for %s? There are %s. Name it in the course's file (--course): "
                               "labs: %s: %s: HEADING"), c->lab->id, headings, c->lab->id, key);
    free(headings);
    return -EINVAL;
}

/** Who a row is about stands left of all assignments, and left of Moodle's grades. */
static size_t count_keys(enum platform platform, const struct csv *table, const struct course *c, size_t target)
{
    size_t first;
    ask_headings(IS_ASSIGNMENT, platform, table, c, &first);
    return first < target ? first : target;
}

int columns_find(enum platform platform, const struct csv *table, const struct course *c, struct columns *out,
                 char **message)
{
    *out = (struct columns){.target = COLUMN_NONE};
    *message = NULL;
    if (table->rows == 0) {
        *message = xstrdup(_("the table is empty"));
        return -EINVAL;
    }
    bool named = platform == PLATFORM_CANVAS ? c->canvas_column : c->moodle_column;
    size_t found = ask_headings(named ? IS_NAMED : NAMES_LAB, platform, table, c, &out->target);
    if (found != 1 && !named && platform == PLATFORM_CANVAS)
        found = ask_headings(IS_ASSIGNMENT, platform, table, c, &out->target);
    if (found == 0 && !named && platform == PLATFORM_MOODLE) {
        out->target = find_grades(table);
        found = out->target != COLUMN_NONE;
    }
    if (found != 1)
        return refuse(platform, table, c, message);
    out->keys = count_keys(platform, table, c, out->target);
    out->comma = has_comma(table);
    return 0;
}
