/**
 * @file io_driver.c
 * Calls a student's readn(), writen() and readline() of lab 06 and prints what they did. It does
 * not judge: it shares its process with the student's code, so nothing that it says is believed
 * without being compared outside (grader/labs/06_functions.c).
 *
 *     io_driver CALL...      readn:SIZE  readline:SIZE  writen:HEX
 *
 * Makes the calls one after the other on descriptor 0 and prints a line after each:
 *
 *     readline(0, buf, 8) = 3, errno 0, buf 61620a00...
 *
 * The bytes are the whole buffer and GUARD bytes behind it, which were all set to MARK before, in
 * hexadecimal. Status 1: a call failed for reasons of the driver's own (a line on stderr).
 */
#include "io.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE_MAX_CALL = 4096, GUARD = 16, MARK = '#' };

/* A buffer that is overrun by less than SPARE bytes harms nothing but its guard. */
enum { SPARE = 8192 };
static unsigned char arena[SPARE + SIZE_MAX_CALL + GUARD + SPARE];
static unsigned char *const buffer = arena + SPARE;

static void give_up(const char *what)
{
    fprintf(stderr, "io_driver: %s\n", what);
    _exit(EXIT_FAILURE);
}

/** Prints with one write(2), unbuffered: what was said before a crash must have been said. */
static void say(const char *text, size_t length)
{
    if (write(STDOUT_FILENO, text, length) != (ssize_t)length)
        give_up("stdout");
}

static void report(const char *call, size_t size, ssize_t result, int error, size_t shown)
{
    static char line[2 * (SIZE_MAX_CALL + GUARD) + 200];
    int length = snprintf(line, sizeof(line), "%s(0, buf, %zu) = %zd, errno %d, buf ", call, size,
                          result, error);
    for (size_t i = 0; i < shown; i++)
        length += snprintf(line + length, 3, "%02x", buffer[i]);
    line[length++] = '\n';
    say(line, (size_t)length);
}

static size_t parse_size(const char *text)
{
    char *end;
    unsigned long size = strtoul(text, &end, 10);
    if (*end != '\0' || end == text || size > SIZE_MAX_CALL)
        give_up("a size is wrong");
    return size;
}

static size_t parse_bytes(const char *hex)
{
    size_t n = strlen(hex) / 2;
    if (n > SIZE_MAX_CALL)
        give_up("too many bytes");
    for (size_t i = 0; i < n; i++) {
        const char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        buffer[i] = (unsigned char)strtoul(pair, NULL, 16);
    }
    return n;
}

static void make_call(const char *call)
{
    const char *colon = strchr(call, ':');
    if (!colon)
        give_up("a call has no size");
    memset(arena, MARK, sizeof(arena));
    if (strncmp(call, "readn:", 6) == 0) {
        size_t size = parse_size(colon + 1);
        errno = 0;
        ssize_t result = readn(STDIN_FILENO, buffer, size);
        report("readn", size, result, errno, size + GUARD);
    } else if (strncmp(call, "readline:", 9) == 0) {
        size_t size = parse_size(colon + 1);
        errno = 0;
        ssize_t result = readline(STDIN_FILENO, (char *)buffer, size);
        report("readline", size, result, errno, size + GUARD);
    } else if (strncmp(call, "writen:", 7) == 0) {
        size_t size = parse_bytes(colon + 1);
        errno = 0;
        ssize_t result = writen(STDIN_FILENO, buffer, size);
        report("writen", size, result, errno, 0);
    } else {
        give_up("no such call");
    }
}

int main(int argc, char *argv[])
{
    /* writen()'s caller has arranged for SIGPIPE: io.h. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        give_up("signal");
    for (int i = 1; i < argc; i++)
        make_call(argv[i]);
    return EXIT_SUCCESS;
}
