/**
 * @file fail.c
 * The two ways in which the grader itself gives up, and memory or death.
 *
 * Messages are written with dprintf(3), past stdio's buffers: a child after fork(2) has a copy of
 * its parent's unwritten output, and must not print it a second time.
 */
#include "core/core.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Stands in the process that ran main() only, the one that may run atexit(3) handlers. */
static const char *first_mark;
static pid_t first_process; /* where there is no such page */

/* A page that the kernel empties in every child (madvise(2), Linux 4.14), also in one that clone(2)
 * made past fork(3). Numbers do not tell them apart: in a container the grader is process 1, and so
 * is, in its own namespace, the first of each room. */
__attribute__((constructor)) static void note_first_process(void)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    char *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    first_process = getpid();
    if (page == MAP_FAILED)
        return;
    if (madvise(page, size, MADV_WIPEONFORK) != 0) {
        munmap(page, size);
        return;
    }
    *page = 1;
    first_mark = page;
}

static bool is_first_process(void)
{
    return first_mark ? *first_mark == 1 : getpid() == first_process;
}

void die(enum exit_status status, const char *format, ...)
{
    va_list args;
    char *message;

    va_start(args, format);
    if (vasprintf(&message, format, args) < 0)
        message = NULL;
    va_end(args);
    dprintf(STDERR_FILENO, "socklab: %s\n", message ? message : format);
    free(message);

    /* exit(3) in a forked child would run the parent's cleanup under the parent's feet. */
    if (!is_first_process())
        _exit((int)status);
    exit((int)status);
}

void bug_at(const char *file, int line, const char *format, ...)
{
    va_list args;
    char *message;

    va_start(args, format);
    if (vasprintf(&message, format, args) < 0)
        message = NULL;
    va_end(args);
    dprintf(STDERR_FILENO, "socklab: bug at %s:%d: %s\n", file, line, message ? message : format);
    abort();
}

static void *or_die(void *memory)
{
    if (!memory)
        die(STATUS_TROUBLE, "%s", _("out of memory"));
    return memory;
}

/* malloc(3) may answer NULL to a size of 0, which would look like a failure. */
void *xmalloc(size_t size)
{
    return or_die(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
    return or_die(count && size ? calloc(count, size) : calloc(1, 1));
}

void *xrealloc(void *old, size_t size)
{
    return or_die(realloc(old, size ? size : 1));
}

char *xstrdup(const char *text)
{
    return or_die(strdup(text));
}

char *xstrndup(const char *text, size_t size)
{
    return or_die(strndup(text, size));
}

char *xasprintf(const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    return or_die(text);
}
