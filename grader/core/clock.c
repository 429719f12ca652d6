/**
 * @file clock.c
 * The one clock. CLOCK_MONOTONIC never jumps when somebody sets the time of day.
 */
#include "core/core.h"

#include <time.h>

int64_t clock_now(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        BUG("clock_gettime: %m");
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
