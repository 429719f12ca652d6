/**
 * @file limit.c
 * The time of a check. What ends at it is a program that spins or sleeps in a way that nobody sees; on a busy machine a right
 * one would end there too, for want of a processor. So the time that the programs and their checker spent waiting for one
 * (proc(5), schedstat) is given back, up to a bound: a program with many threads waits for processors on any machine. So is the
 * time for which the checker waited for the program's timers to strike.
 */
#include "check/internal.h"

#include <stdio.h>

/** ns for which this process could have run and had no processor; 0 where the kernel does not count. */
static int64_t own_delay(void)
{
    struct buf text = {0};
    unsigned long long run, delay = 0;
    if (file_read("/proc/thread-self/schedstat", &text) == 0 && sscanf(buf_text(&text), "%llu %llu", &run, &delay) != 2)
        delay = 0;
    buf_free(&text);
    return (int64_t)delay;
}

bool limit_is_over(struct check *c, int64_t now)
{
    struct look look;
    tracer_look(c->tracer, &look);
    int64_t patience = c->patience < c->limit ? c->patience : c->limit; /* who sets timers doubles the time, and no more */
    int64_t limit = c->limit + own_delay() + look.delay + patience;
    c->deadline = c->started + (limit < c->most ? limit : c->most);
    return now > c->deadline;
}
