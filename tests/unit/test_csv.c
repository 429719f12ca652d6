/**
 * @file
 * Tables: read, changed in one cell, written with all else as it was; cells that would be formulas.
 */
#include "core/csv.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct csv parsed(const char *text)
{
    struct csv table;
    size_t line;
    char *message;

    CU_ASSERT_EQUAL_FATAL(csv_parse(text, strlen(text), &table, &line, &message), 0);
    return table;
}

static void expect_cell(const struct csv *table, size_t row, size_t column, const char *text)
{
    char *cell = csv_get(table, row, column);

    CU_ASSERT_STRING_EQUAL(cell, text);
    free(cell);
}

static void expect_written(struct csv *table, const char *text)
{
    struct buf out = {0};

    csv_write(table, &out);
    CU_ASSERT_STRING_EQUAL(buf_text(&out), text);
    buf_free(&out);
    csv_free(table);
}

static void test_cells(void)
{
    struct csv table = parsed("a,\"b \"\"quoted\"\", and a comma\",c\r\n\"two\nlines\",,\r\nlast");

    CU_ASSERT_EQUAL(table.rows, 3);
    CU_ASSERT_EQUAL(table.separator, ',');
    CU_ASSERT_FALSE(table.mark);
    expect_cell(&table, 0, 0, "a");
    expect_cell(&table, 0, 1, "b \"quoted\", and a comma");
    expect_cell(&table, 1, 0, "two\nlines");
    CU_ASSERT_EQUAL(table.row[1].cells, 3);
    expect_cell(&table, 1, 2, "");
    expect_cell(&table, 2, 0, "last");
    CU_ASSERT_EQUAL(table.row[2].line, 4);
    expect_cell(&table, 2, 7, "");
    expect_cell(&table, 9, 0, "");
    csv_free(&table);
}

/* As strange as they come: none of it is changed by reading and writing. */
static void test_untouched(void)
{
    static const char *const text[] = {
        "",
        "\n",
        "a",
        "a,b\n1,2",
        "a;b;\"c;,\"\r\n1;2,5;3\r\n",
        "\xef\xbb\xbfName,\"ID\"\r\nx,\"1\"\n\"y\",2\r",
        "a\tb\r\n\r\n\"\"\t\"\"\r\n",
        "a,b\"c, \"d\" ,\"e\"\n=1+1,-2,@x\n",
        "\xed\x95\x99,\xc7\xd0\xbb\xfd\n",
    };

    for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
        struct csv table = parsed(text[i]);
        expect_written(&table, text[i]);
    }
}

static void test_changed(void)
{
    struct csv table = parsed("\xef\xbb\xbf\"Name\";\"Grade\";x\r\n\"Kim\";\"\";=1\r\nLee;;\r\nPark");

    CU_ASSERT_TRUE(table.mark);
    CU_ASSERT_EQUAL(table.separator, ';');
    csv_set(&table, 1, 1, "87.5");
    csv_set(&table, 2, 1, "9;\"");
    csv_set(&table, 3, 2, "0");
    csv_set(&table, 3, 2, "1");
    expect_cell(&table, 1, 1, "87.5");
    expect_cell(&table, 2, 1, "9;\"");
    expect_written(&table, "\xef\xbb\xbf\"Name\";\"Grade\";x\r\n\"Kim\";\"87.5\";=1\r\nLee;\"9;\"\"\";\r\nPark;;1");
}

static void test_separator(void)
{
    static const struct {
        const char *text;
        char separator;
    } sample[] = {
        {"one", ','}, {"a,b;c,d", ','}, {"a;b,c;d", ';'}, {"a\tb\n1,2,3,4", '\t'}, {"\"a,b,c,d\";e", ';'}, {"\"a\n,,,\";e", ';'},
    };

    for (size_t i = 0; i < sizeof(sample) / sizeof(sample[0]); i++) {
        struct csv table = parsed(sample[i].text);
        CU_ASSERT_EQUAL(table.separator, sample[i].separator);
        csv_free(&table);
    }
}

static void test_refused(void)
{
    static const struct {
        const char *text;
        size_t size, line;
        const char *word;
    } sample[] = {
        {"a,b\n\"c,d\ne\n", 11, 2, "never closed"},
        {"a\n\"two\r\nlines\"x,b\n", 18, 3, "behind a closing quote"},
        {"a\n\"b\" ,c\n", 9, 2, "behind a closing quote"},
        {"a,b\n\0,c\n", 8, 2, "UTF-8"},
    };

    for (size_t i = 0; i < sizeof(sample) / sizeof(sample[0]); i++) {
        struct csv table;
        size_t line = 0;
        char *message = NULL;
        CU_ASSERT_EQUAL_FATAL(csv_parse(sample[i].text, sample[i].size, &table, &line, &message), -EBADMSG);
        CU_ASSERT_EQUAL(line, sample[i].line);
        CU_ASSERT_PTR_NOT_NULL(strstr(message, sample[i].word));
        CU_ASSERT_EQUAL(table.rows, 0);
        free(message);
    }
}

static void test_too_many_rows(void)
{
    struct buf text = {0};
    struct csv table;
    size_t line;
    char *message;

    for (int i = 0; i <= CSV_ROWS_MAX; i++)
        buf_puts(&text, "\n");
    CU_ASSERT_EQUAL(csv_parse(text.data, text.length - 1, &table, &line, &message), 0);
    csv_free(&table);
    CU_ASSERT_EQUAL(csv_parse(text.data, text.length, &table, &line, &message), -EBADMSG);
    CU_ASSERT_EQUAL(line, CSV_ROWS_MAX + 1);
    free(message);
    buf_free(&text);
}

static void test_formulas(void)
{
    static const struct {
        const char *text, *cell;
    } sample[] = {
        {"=1+1", "\"'=1+1\""},
        {"+44 1", "\"'+44 1\""},
        {"-x", "\"'-x\""},
        {"@SUM(A1)", "\"'@SUM(A1)\""},
        {"  =1", "\"'  =1\""},
        {"\t=1", "\"'\t=1\""},
        {"\r", "\"'\r\""},
        {"\uff1d1", "\"'\uff1d1\""},
        {"=\"a\"", "\"'=\"\"a\"\"\""},
        {"-1", "-1"},
        {"+2.5", "+2.5"},
        {"-.5", "-.5"},
        {"-", "\"'-\""},
        {"-1-1", "\"'-1-1\""},
        {"a=b", "a=b"},
        {"", ""},
        {" a", "\" a\""},
        {"a,b", "\"a,b\""},
        {"\uae40", "\uae40"},
    };

    for (size_t i = 0; i < sizeof(sample) / sizeof(sample[0]); i++) {
        struct buf out = {0};
        csv_put(&out, sample[i].text, ',');
        CU_ASSERT_STRING_EQUAL(buf_text(&out), sample[i].cell);
        /* What a comparison sees is what was meant. */
        struct csv table = parsed(*sample[i].cell ? buf_text(&out) : "\"\"");
        char *plain = csv_get_plain(&table, 0, 0);
        const char *text = sample[i].text + strspn(sample[i].text, " \t\r");
        CU_ASSERT_STRING_EQUAL(plain, text);
        free(plain);
        csv_free(&table);
        buf_free(&out);
    }
}

static void test_rows(void)
{
    struct buf out = {0};

    csv_put_row(&out, (const char *const[]){"a", NULL, "b c", "d\"e"}, 4);
    CU_ASSERT_STRING_EQUAL(buf_text(&out), "a,,b c,\"d\"\"e\"\r\n");
    buf_free(&out);
}

static void test_file(void)
{
    struct csv table;
    char *message = NULL;

    CU_ASSERT_EQUAL(csv_read("/nonexistent/table.csv", &table, &message), -ENOENT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(message);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "/nonexistent/table.csv: "));
    free(message);
    CU_ASSERT_EQUAL(csv_read(SOCKLAB_ROOT "/LICENSE", &table, &message), 0);
    CU_ASSERT_PTR_NULL(message);
    CU_ASSERT_TRUE(table.rows > 1);
    csv_free(&table);
}

void suite_csv(void)
{
    unit_test("cells, quotes, lines in a cell", test_cells);
    unit_test("what nobody changed is written as it came", test_untouched);
    unit_test("a changed cell keeps its quotes, a short row grows", test_changed);
    unit_test("the separator is found in the first row", test_separator);
    unit_test("what is no table is refused with its line", test_refused);
    unit_test("rows are bounded", test_too_many_rows);
    unit_test("no cell starts a formula", test_formulas);
    unit_test("a row of a new table", test_rows);
    unit_test("a file that cannot be read is named", test_file);
}
