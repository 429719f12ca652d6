/**
 * @file match.c
 * Which row is which student: by id, by login, by e-mail address.
 */
#include "class/column.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum key { KEY_ID, KEY_LOGIN, KEY_EMAIL, KEYS };

/** Moodle's "Participant 123", in any language: the number behind the last word. NULL: there is no word, or no number. */
static const char *number_of_participant(const char *text)
{
    size_t size = strlen(text), at = size;
    while (at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9')
        at--;
    return at > 0 && at < size && !strchr(text, '@') ? text + at : NULL;
}

static bool is_same(const char *a, const char *b)
{
    return a && *a && strcasecmp(a, b) == 0;
}

/** @param number the cell's number_of_participant() */
static bool is_key_of(enum key key, const char *cell, const char *number, const struct export_row *row)
{
    switch (key) {
    case KEY_ID: return is_same(row->lms_id, cell) || (number && is_same(row->lms_id, number));
    case KEY_LOGIN: return is_same(row->login, cell) || is_same(row->student, cell);
    case KEY_EMAIL: return is_same(row->email, cell);
    case KEYS: break;
    }
    return false;
}

/** The one student whom a cell names; MATCH_NOBODY; MATCH_CONFLICT: it names several. */
static long find_student(enum key key, const char *cell, const struct export_row *row, size_t rows)
{
    long found = MATCH_NOBODY;
    const char *number = number_of_participant(cell);
    for (size_t i = 0; *cell && i < rows; i++) {
        if (!is_key_of(key, cell, number, &row[i]))
            continue;
        if (found != MATCH_NOBODY)
            return MATCH_CONFLICT;
        found = (long)i;
    }
    return found;
}

/** How many students a column names by this key: a column of sections would name one of them many times. */
static size_t count_named(enum key key, const struct csv *table, size_t column, const struct export_row *row, size_t rows)
{
    bool *named = xcalloc(rows, sizeof(named[0]));
    size_t count = 0;
    for (size_t i = 1; i < table->rows; i++) {
        char *cell = csv_get_plain(table, i, column);
        long student = find_student(key, cell, row, rows);
        free(cell);
        if (student < 0 || named[student])
            continue;
        named[student] = true;
        count++;
    }
    free(named);
    return count;
}

static size_t find_key(enum key key, const struct csv *table, size_t columns, const struct export_row *row, size_t rows)
{
    size_t best = COLUMN_NONE, most = 0;
    for (size_t i = 0; i < columns; i++) {
        size_t count = count_named(key, table, i, row, rows);
        if (count > most) {
            most = count;
            best = i;
        }
    }
    return best;
}

/** Canvas's row of points has a name and neither id nor login; any row of a student has something in a column of keys. */
static bool is_empty_row(const struct csv *table, size_t at, const size_t *key)
{
    bool empty = true;
    for (int k = 0; k < KEYS; k++) {
        char *cell = key[k] == COLUMN_NONE ? NULL : csv_get_plain(table, at, key[k]);
        empty = empty && (!cell || !*cell);
        free(cell);
    }
    return empty;
}

static long match_row(const struct csv *table, size_t at, const size_t *key, const struct export_row *row, size_t rows)
{
    long found = MATCH_NOBODY;
    if (is_empty_row(table, at, key))
        return MATCH_EMPTY;
    for (int k = 0; k < KEYS; k++) {
        if (key[k] == COLUMN_NONE)
            continue;
        char *cell = csv_get_plain(table, at, key[k]);
        long student = find_student((enum key)k, cell, row, rows);
        free(cell);
        if (student == MATCH_CONFLICT || (student >= 0 && found >= 0 && student != found))
            return MATCH_CONFLICT;
        if (student >= 0)
            found = student;
    }
    return found;
}

long *match_rows(const struct csv *table, const struct columns *columns, const struct export_row *row, size_t rows)
{
    long *match = xcalloc(table->rows, sizeof(match[0]));
    size_t key[KEYS];
    for (int k = 0; k < KEYS; k++)
        key[k] = find_key((enum key)k, table, columns->keys, row, rows);
    match[0] = MATCH_EMPTY;
    for (size_t i = 1; i < table->rows; i++)
        match[i] = match_row(table, i, key, row, rows);
    return match;
}
