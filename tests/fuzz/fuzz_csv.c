/**
 * @file fuzz_csv.c
 * core/csv.c: a platform's table. What is taken is written again as the same bytes; with one cell changed, that cell says
 * what it was given and no other cell says anything else.
 */
#include "core/csv.h"
#include "fuzz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void must_be_same(const struct csv *a, const struct csv *b)
{
    MUST(a->rows == b->rows);
    for (size_t i = 0; i < a->rows; i++)
        for (size_t k = 0; k < a->row[i].cells || k < b->row[i].cells; k++) {
            char *x = csv_get(a, i, k), *y = csv_get(b, i, k);
            MUST(strcmp(x, y) == 0);
            free(x);
            free(y);
        }
}

static void change_one(struct csv *table, const char *text, size_t row, size_t column)
{
    struct buf out = {0};
    struct csv again;
    size_t line;
    char *message;
    csv_set(table, row, column, text);
    char *said = csv_get(table, row, column);
    MUST(strcmp(said, text) == 0 || (said[0] == '\'' && strcmp(said + 1, text) == 0));
    free(said);
    csv_write(table, &out);
    MUST(csv_parse(out.data, out.length, &again, &line, &message) == 0);
    MUST(again.separator == table->separator);
    must_be_same(table, &again);
    csv_free(&again);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_input in = {bytes, size};
    size_t row = input_byte(&in), column = input_byte(&in) % 32, length, line = 0;
    char *text = input_string(&in, 40);
    void *file = input_bytes(&in, SIZE_MAX, &length);
    struct csv table;
    char *message = NULL;
    int result = csv_parse(file, length, &table, &line, &message);
    if (result == 0) {
        struct buf out = {0};
        csv_write(&table, &out);
        MUST(out.length == length && (length == 0 || memcmp(out.data, file, length) == 0));
        buf_free(&out);
        /* With quotes in it the first row may end elsewhere for another separator, which a change then makes the likelier. */
        if (row > 0 && row < table.rows && !memchr(table.text.data, '"', table.row[0].tail))
            change_one(&table, text, row, column);
    } else {
        MUST(result == -EBADMSG && line > 0 && message && table.rows == 0);
        free(message);
    }
    csv_free(&table);
    free(file);
    free(text);
    return 0;
}
