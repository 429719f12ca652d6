/**
 * @file class_chart.c
 * The distribution of a class's marks: ten columns of ten percent, and one for full marks.
 */
#include "report/class_part.h"
#include "report/markup.h"

enum {
    COLUMNS = 11,
    WIDTH = 700,
    HEIGHT = 190,
    BASE = 150,   /* y of the ground */
    TALLEST = 120,
    COLUMN = 60,  /* from one column to the next */
};

/* Which column a mark stands in; full marks and more have their own. */
static int column_of(const struct class_student *student)
{
    int64_t percent = student->mark * 100 / student->max;

    return percent >= 100 ? COLUMNS - 1 : (int)(percent / 10);
}

static void put_column(struct buf *out, int column, size_t count, size_t most)
{
    int height = (int)(count * TALLEST / most);
    int x = 20 + column * COLUMN;

    if (count > 0 && height < 2)
        height = 2;
    buf_printf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n", x, BASE - height, COLUMN - 10, height);
    if (count > 0)
        buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%zu</text>\n", x + COLUMN / 2 - 5, BASE - height - 6, count);
    buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">", x + COLUMN / 2 - 5, BASE + 18);
    if (column == COLUMNS - 1)
        buf_puts(out, "100");
    else
        buf_printf(out, "%d-%d", column * 10, column * 10 + 9);
    buf_puts(out, "</text>\n");
}

static void put_description(struct buf *out, const size_t *count)
{
    buf_puts(out, "<desc id=\"chart-desc\">");
    for (int i = 0; i < COLUMNS; i++) {
        if (i == COLUMNS - 1)
            buf_printf(out, _("%zu with full marks."), count[i]);
        else if (count[i] > 0)
            buf_printf(out, _("%zu from %d to %d percent, "), count[i], i * 10, i * 10 + 9);
    }
    buf_puts(out, "</desc>\n");
}

void class_put_chart(struct buf *out, const struct class_summary *s)
{
    size_t count[COLUMNS] = {0}, most = 0;

    for (size_t i = 0; i < s->students; i++) {
        if (s->student[i].mark < 0 || s->student[i].max <= 0)
            continue;
        size_t in = ++count[column_of(&s->student[i])];
        most = in > most ? in : most;
    }
    if (most == 0)
        return;
    markup_element(out, "h2", NULL, _("Marks"));
    buf_printf(out, "\n<figure class=\"chart\">\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
                    "aria-labelledby=\"chart-title chart-desc\">\n<title id=\"chart-title\">", WIDTH, HEIGHT);
    markup_text(out, _("How many students have how many percent of the marks"));
    buf_puts(out, "</title>");
    put_description(out, count);
    for (int i = 0; i < COLUMNS; i++)
        put_column(out, i, count[i], most);
    buf_printf(out, "<line x1=\"10\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">", BASE, WIDTH - 10,
               BASE, WIDTH / 2, HEIGHT - 4);
    markup_text(out, _("percent of the marks"));
    buf_puts(out, "</text>\n</svg></figure>\n");
}
