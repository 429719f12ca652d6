/**
 * @file progress.c
 * How far a run is, on one line of a terminal.
 */
#include "class/progress.h"

enum { NS = 1000000000 };

/** Seconds as people say them: "40 s", "3 min", "2 h 05 min". */
static void add_length(struct buf *out, double seconds)
{
    long whole = (long)(seconds + 0.5);
    if (whole < 100)
        buf_printf(out, _("%ld s"), whole);
    else if (whole < 100 * 60)
        buf_printf(out, _("%ld min"), (whole + 30) / 60);
    else
        buf_printf(out, _("%ld h %02ld min"), whole / 3600, whole % 3600 / 60);
}

void progress_words(struct buf *out, size_t done, size_t total, int64_t elapsed)
{
    buf_printf(out, _("%zu of %zu graded"), done, total);
    if (done == 0 || elapsed <= 0)
        return;
    double each = (double)elapsed / NS / (double)done;
    if (each <= 1)
        buf_printf(out, _(", %.1f a second"), 1 / each);
    else
        buf_printf(out, _(", %.1f a minute"), 60 / each);
    if (done < total) {
        buf_puts(out, ", ");
        add_length(out, each * (double)(total - done));
        buf_puts(out, _(" left"));
    }
}

static void show(const struct progress *p)
{
    if (!p->shown)
        return;
    struct buf line = {0};
    progress_words(&line, p->done, p->total, clock_now() - p->began);
    fprintf(stderr, "\r\033[K%s", buf_text(&line));
    buf_free(&line);
}

void progress_begin(struct progress *p, bool shown, size_t total)
{
    *p = (struct progress){.shown = shown && total > 0, .total = total, .began = clock_now()};
    show(p);
}

void progress_step(struct progress *p)
{
    p->done++;
    show(p);
}

void progress_end(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
}
