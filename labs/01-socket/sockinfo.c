/**
 * @file sockinfo.c
 * @brief Lab 01: a socket is a descriptor.
 *
 *     sockinfo FAMILY TYPE
 *
 * Makes a socket of the family `inet`, `inet6` or `unix` and the type `stream` or `dgram`, asks the
 * kernel what it has made, and prints what it says as one line on stdout:
 *
 *     fd=3 family=inet type=stream protocol=tcp
 *
 * The protocol is `tcp`, `udp`, or `none` for a family that has only one way of doing things.
 *
 * Exit status: 0 when the line has been written; 1 when a call failed or stdout takes no line (one
 * line on stderr names the call and the error); 2 for wrong usage (a usage line on stderr).
 */

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** A number that the kernel uses, and the word for it on the command line and in the output. */
struct word {
    const char *text;
    int number;
};

/* Each table ends with an entry that has no text. */
static const struct word families[] = {
    {"inet", AF_INET},
    {"inet6", AF_INET6},
    {"unix", AF_UNIX},
    {NULL, 0},
};

static const struct word types[] = {
    {"stream", SOCK_STREAM},
    {"dgram", SOCK_DGRAM},
    {NULL, 0},
};

static const struct word protocols[] = {
    {"tcp", IPPROTO_TCP},
    {"udp", IPPROTO_UDP},
    {"none", 0},
    {NULL, 0},
};

/** What the kernel knows of a socket: the answers to SO_DOMAIN, SO_TYPE and SO_PROTOCOL. */
struct answers {
    int family;
    int type;
    int protocol;
};

/** @return the entry for a word as it stands on the command line, or NULL when it is none */
static const struct word *find_text(const struct word *table, const char *text)
{
    for (; table->text != NULL; table++) {
        if (strcmp(table->text, text) == 0)
            return table;
    }
    return NULL;
}

/** @return the word for a number, "unknown" for one that is not in the table */
static const char *find_number(const struct word *table, int number)
{
    for (; table->text != NULL; table++) {
        if (table->number == number)
            return table->text;
    }
    return "unknown";
}

/**
 * Asks the kernel one question about a socket.
 *
 * @param option SO_DOMAIN, SO_TYPE or SO_PROTOCOL
 * @param answer where the kernel's answer goes
 * @return 0, or -1 with errno set when there was no answer
 */
static int ask_kernel(int fd, int option, int *answer)
{
    int result = -1;
    (void)fd, (void)option, (void)answer;
    errno = ENOSYS; // until this step is written

    /*
     * The three options belong to sockets of every kind: their level is SOL_SOCKET. The kernel
     * reads first how much room there is for the answer, and then says how much of it it has
     * used: the length goes in and out. With a length that was never set, the call may write
     * past the answer or write nothing, as chance will have it. Keep in `result` whether there
     * was an answer at all: without one, what stands at `answer` means nothing.
     */
    /* TODO(ask): write this step. */

    return result;
}

/**
 * Asks the kernel all that is to be known about a socket.
 *
 * @return 0, or -1 when a call failed; a line on stderr then names it
 */
static int describe_socket(int fd, struct answers *answers)
{
    if (ask_kernel(fd, SO_DOMAIN, &answers->family) == -1 ||
        ask_kernel(fd, SO_TYPE, &answers->type) == -1 ||
        ask_kernel(fd, SO_PROTOCOL, &answers->protocol) == -1) {
        perror("sockinfo: getsockopt");
        return -1;
    }
    return 0;
}

/**
 * Prints the line.
 *
 * @return 0, or -1 when stdout does not take it; a line on stderr then says why
 */
static int print_line(int fd, const struct answers *answers)
{
    int result = -1;
    (void)fd;
    errno = ENOSYS; // until this step is written
    const char *family = find_number(families, answers->family);
    const char *type = find_number(types, answers->type);
    const char *protocol = find_number(protocols, answers->protocol);

    (void)family, (void)type, (void)protocol;
    /*
     * Print the line, and see whether it has arrived. printf() puts it into a buffer of the C
     * library, and what is in that buffer is written on the way out of main(), when nobody can
     * report any more that it failed: the disk was full, and the status said 0. So empty
     * the buffer now, and put 0 into `result` only when both steps have worked.
     */
    /* TODO(print): write this step. */

    if (result == -1)
        perror("sockinfo: stdout");
    return result;
}

int main(int argc, char *argv[])
{
    const struct word *family = argc == 3 ? find_text(families, argv[1]) : NULL;
    const struct word *type = argc == 3 ? find_text(types, argv[2]) : NULL;

    /* Before any socket is opened: who called the program wrongly learns it at once. */
    if (family == NULL || type == NULL) {
        fprintf(stderr, "usage: sockinfo inet|inet6|unix stream|dgram\n");
        return 2;
    }

    /* When nobody reads our stdout any more, writing to it should fail, so that the status tells;
       without this, SIGPIPE would end the program without a word. */
    signal(SIGPIPE, SIG_IGN);

    int fd = -1;
    int status = EXIT_FAILURE;

    /*
     * Ask the kernel for a socket of this family and this type. Protocol 0 means "the usual one":
     * an IP stream is TCP, an IP datagram UDP. The result is a descriptor, the lowest number that
     * is free: 3 in most programs, something else when 3 is taken. It can fail. A process may have
     * only so many descriptors (EMFILE), and a machine may have been set up without IPv6
     * (EAFNOSUPPORT). Who goes on with -1 asks the kernel about a descriptor that does not
     * exist, and blames the wrong call. Say which call it was and why, and end with status 1.
     */
    /* TODO(socket): write this step. */

    struct answers answers = {.family = -1, .type = -1, .protocol = -1};

    if (describe_socket(fd, &answers) == 0 && print_line(fd, &answers) == 0)
        status = EXIT_SUCCESS;

    /*
     * Give the descriptor back, whether the line could be printed or not. At the end of a process
     * the kernel closes what is still open; a program that runs for a year gets no such help, and
     * that is the habit to form. Once and never again: by the second time the number
     * may belong to somebody else.
     */
    /* TODO(close): write this step. */

    return status;
}
