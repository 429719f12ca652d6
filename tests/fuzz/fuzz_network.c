/**
 * @file fuzz_network.c
 * peer/network.c: the kernel's tables of sockets. recv(2) gives the input in the kernel's place, one datagram after the other (a
 * length in two bytes before each), and /proc/net is one of them too. The kernel writes no nonsense; but what a table holds is
 * a program's doing, and a table that is cut or empty must end the reading.
 */
#include "fuzz.h"
#include "peer/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(SANITIZED)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

static struct fuzz_input answer;
static int received;
static bool hangs;         /* at its end a dump has empty datagrams, not EAGAIN */
static unsigned char *into; /* the reader's buffer */
static size_t into_size;

ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t size, int flags);
int __wrap_file_read(const char *path, struct buf *b);
int __real_file_read(const char *path, struct buf *b);

ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags)
{
    (void)fd, (void)bytes, (void)flags;
    return (ssize_t)size;
}

static size_t take(void *to, size_t most)
{
    size_t length = input_number(&answer, 2), n;
    void *bytes = input_bytes(&answer, length < most ? length : most, &n);
    memcpy(to, bytes, n);
    free(bytes);
    return n;
}

/** What was not received is not to be read. */
static void forbid_rest(void *bytes, size_t size, size_t received_bytes)
{
    into = bytes;
    into_size = size;
    ASAN_UNPOISON_MEMORY_REGION(into, into_size);
    ASAN_POISON_MEMORY_REGION(into + received_bytes, into_size - received_bytes);
}

ssize_t __wrap_recv(int fd, void *bytes, size_t size, int flags)
{
    (void)fd, (void)flags;
    MUST(++received < 10000); /* a dump that does not end */
    if (answer.left == 0 && !hangs) {
        errno = EAGAIN;
        return -1;
    }
    ASAN_UNPOISON_MEMORY_REGION(bytes, size);
    size_t n = take(bytes, size);
    forbid_rest(bytes, size, n);
    return (ssize_t)n;
}

int __wrap_file_read(const char *path, struct buf *b)
{
    char text[4096];
    if (strncmp(path, "/proc/", 6) != 0) /* the driver's */
        return __real_file_read(path, b);
    buf_add(b, text, take(text, sizeof text));
    return 0;
}

/** Each question gets the whole input for an answer. */
static void rewind_to(const struct fuzz_input *in)
{
    ASAN_UNPOISON_MEMORY_REGION(into, into_size);
    answer = *in;
    received = 0;
    hangs = in->left % 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_input in = {bytes, size};
    struct sockaddr_storage client = {0}, aim = {0};
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(4000)};
    struct sockaddr_storage one = {0};
    memcpy(&one, &from, sizeof from);
    socklen_t length = 0;

    rewind_to(&in);
    (void)network_in_flight();
    rewind_to(&in);
    (void)network_in_flight_procfs();
    rewind_to(&in);
    MUST(network_sockets_in_flight() <= 1);
    rewind_to(&in);
    (void)network_queued();
    rewind_to(&in);
    int found = network_find_waiting(4000, NULL, &client, &aim, &length);
    MUST(found <= 0);
    if (found == 0) {
        MUST(length == sizeof(struct sockaddr_in) || length == sizeof(struct sockaddr_in6));
        MUST(((struct sockaddr_in *)&aim)->sin_port == htons(4000)); /* sin6_port is at the same place */
    }
    rewind_to(&in);
    MUST(network_find_waiting(4000, (struct sockaddr *)&from, &client, &aim, &length) <= 0);
    rewind_to(&in);
    (void)network_end_arrived(&one, &one);
    rewind_to(&in);
    const struct peer peer = {.local = one, .remote = one};
    (void)network_other_end(&peer);
    rewind_to(&in);
    uint64_t inode[2];
    MUST(network_listeners(4000, inode, 2) <= 2);
    rewind_to(&in);
    return 0;
}
