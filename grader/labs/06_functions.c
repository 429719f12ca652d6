/**
 * @file 06_functions.c
 * Lab 06: readn(), writen() and readline() alone.
 *
 * The student's io.c is linked with the kit's io_driver, which makes the calls of one case, one
 * after the other, on its descriptor 0 and says what they returned. That descriptor is one end of a
 * local socket pair: everything that is to be read waits there before the driver starts, so a case
 * goes the same way each time. The judge holds the other end and a copy of the driver's: what a
 * function took too much, or left, is seen without asking the driver.
 */
#include "labs/06_read_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { CALLS = 5, FAILURES = 2, DRIVER_GUARD = 16, DRIVER_MARK = '#' /* io_driver.c */ };

/** Bytes that may hold NUL: BYTES("a\0b"). */
struct bytes {
    const char *at;
    size_t size;
};
#define BYTES(literal)                                                                             \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

/** One call and what is right. */
struct call {
    enum { CALL_NONE, READN, WRITEN, READLINE } function;
    size_t size;        /**< its last argument (writen: of `bytes`) */
    struct bytes bytes; /**< readn, readline: what must be in the buffer; writen: what is written */
    int error;          /**< it must return -1 with this errno; 0: it must succeed */
};

/** Calls that fail: `count` of them from number `first` on (0: all from there on). */
struct bad_luck {
    unsigned first, count;
    int error;
};

struct io_case {
    struct bytes waiting; /**< what the other side has sent */
    bool ends;            /**< and then end of file */
    bool gone;            /**< the other side is gone */
    int cut;              /**< each read or write moves so many bytes at most; 0: no limit */
    struct bad_luck bad[FAILURES];
    struct call call[CALLS];
    struct bytes left; /**< what must still be waiting afterwards, unless the last call fails */
};

/* The first read or write is interrupted once, the next one twice. */
#define INTERRUPTED {{1, 1, EINTR}, {3, 2, EINTR}}

static const struct io_case readn_cases[] = {
    {.waiting = BYTES("a\0b\n\377\n0123"), .call = {{READN, 10, BYTES("a\0b\n\377\n0123"), 0}}},
    {.waiting = BYTES("abcdefg"), .call = {{READN, 4, BYTES("abcd"), 0}}, .left = BYTES("efg")},
    {.waiting = BYTES("0123456789abcdef"),
     .cut = 3,
     .call = {{READN, 10, BYTES("0123456789"), 0}, {READN, 6, BYTES("abcdef"), 0}}},
    {.waiting = BYTES("abcd"),
     .ends = true,
     .call = {{READN, 16, BYTES("abcd"), 0}, {READN, 16, BYTES(""), 0}}},
    {.waiting = BYTES("0123456789"),
     .cut = 4,
     .bad = INTERRUPTED,
     .call = {{READN, 10, BYTES("0123456789"), 0}}},
    {.waiting = BYTES("abcdef"),
     .cut = 2,
     .bad = {{2, 0, ECONNRESET}},
     .call = {{READN, 6, BYTES(""), ECONNRESET}}},
    {.waiting = BYTES("abcdef"), .bad = {{1, 0, EIO}}, .call = {{READN, 6, BYTES(""), EIO}}},
    {.waiting = BYTES("abc"),
     .call = {{READN, 0, BYTES(""), 0}, {READN, 1, BYTES("a"), 0}},
     .left = BYTES("bc")},
};

static const struct io_case writen_cases[] = {
    {.call = {{WRITEN, 10, BYTES("a\0b\n\377\n0123"), 0}}},
    {.cut = 3, .call = {{WRITEN, 16, BYTES("0123456789abcdef"), 0}, {WRITEN, 3, BYTES("end"), 0}}},
    {.cut = 4, .bad = INTERRUPTED, .call = {{WRITEN, 10, BYTES("0123456789"), 0}}},
    {.cut = 2, .bad = {{2, 0, ECONNRESET}}, .call = {{WRITEN, 5, BYTES("hello"), ECONNRESET}}},
    {.gone = true, .call = {{WRITEN, 5, BYTES("hello"), EPIPE}}},
    {.call = {{WRITEN, 0, BYTES(""), 0}, {WRITEN, 2, BYTES("ok"), 0}}},
};

static const struct io_case readline_cases[] = {
    {.waiting = BYTES("first\n\nthird\n"),
     .ends = true,
     .call = {{READLINE, 32, BYTES("first\n"), 0},
              {READLINE, 32, BYTES("\n"), 0},
              {READLINE, 32, BYTES("third\n"), 0},
              {READLINE, 32, BYTES(""), 0}}},
    {.waiting = BYTES("one\ntwo"),
     .ends = true,
     .call = {{READLINE, 32, BYTES("one\n"), 0},
              {READLINE, 32, BYTES("two"), 0},
              {READLINE, 32, BYTES(""), 0}}},
    {.waiting = BYTES("head\nbody"),
     .call = {{READLINE, 32, BYTES("head\n"), 0}},
     .left = BYTES("body")},
    {.waiting = BYTES("ab\ncdefg\nhi"),
     .call = {{READLINE, 32, BYTES("ab\n"), 0},
              {READN, 3, BYTES("cde"), 0},
              {READLINE, 32, BYTES("fg\n"), 0}},
     .left = BYTES("hi")},
    {.waiting = BYTES("abcdefghij\nk\n"),
     .call = {{READLINE, 5, BYTES("abcd"), 0},
              {READLINE, 5, BYTES("efgh"), 0},
              {READLINE, 5, BYTES("ij\n"), 0},
              {READLINE, 5, BYTES("k\n"), 0}}},
    {.waiting = BYTES("abc\nabcd\n"),
     .call = {{READLINE, 5, BYTES("abc\n"), 0},
              {READLINE, 5, BYTES("abcd"), 0},
              {READLINE, 5, BYTES("\n"), 0}}},
    {.waiting = BYTES("xy\n"),
     .call = {{READLINE, 1, BYTES(""), 0},
              {READLINE, 2, BYTES("x"), 0},
              {READLINE, 8, BYTES("y\n"), 0}}},
    {.waiting = BYTES("a\0b\0\n\0\n"),
     .call = {{READLINE, 32, BYTES("a\0b\0\n"), 0}, {READLINE, 32, BYTES("\0\n"), 0}}},
    {.waiting = BYTES("one\ntwo\n"),
     .cut = 1,
     .bad = INTERRUPTED,
     .call = {{READLINE, 32, BYTES("one\n"), 0}, {READLINE, 32, BYTES("two\n"), 0}}},
    {.waiting = BYTES("abcd\n"),
     .cut = 1,
     .bad = {{3, 0, ECONNRESET}},
     .call = {{READLINE, 32, BYTES(""), ECONNRESET}}},
};

/* --- words ------------------------------------------------------------------------------------ */

static const char *function_name(const struct call *call)
{
    return call->function == READN ? "readn" : call->function == WRITEN ? "writen" : "readline";
}

static const char *quoted(struct check *c, const void *bytes, size_t size)
{
    struct buf b = {0};
    buf_quote(&b, bytes, size, 60);
    const char *text = check_text(c, "%s", buf_text(&b));
    buf_free(&b);
    return text;
}

/** "readline(fd, buf, 8)", and which one of several. */
static const char *call_words(struct check *c, const struct io_case *io, size_t number)
{
    const struct call *call = &io->call[number];
    size_t calls = 0;
    while (calls < CALLS && io->call[calls].function)
        calls++;
    const char *words = check_text(c, "%s(fd, buf, %zu)", function_name(call), call->size);
    return calls == 1 ? words : check_text(c, _("call %zu of %zu, %s,"), number + 1, calls, words);
}

static void add_luck(struct buf *b, const struct io_case *io, const char *call)
{
    if (io->cut)
        buf_printf(b, _(" Each %s moves %d at most."), call, io->cut);
    for (size_t i = 0; i < FAILURES && io->bad[i].first; i++) {
        if (io->bad[i].error == EINTR && i > 0)
            continue;
        if (io->bad[i].error == EINTR)
            buf_printf(b, _(" A signal interrupts some of them (EINTR)."));
        else
            buf_printf(b, _(" From number %u on they fail with %s."), io->bad[i].first,
                       errno_name(io->bad[i].error));
    }
}

/** In which circumstances the calls are made: a sentence or two. */
static const char *story(struct check *c, const struct io_case *io)
{
    struct buf b = {0};
    bool writes = io->call[0].function == WRITEN;
    if (io->gone)
        buf_puts(&b, _("Nobody is on the other side any more."));
    else if (writes)
        buf_printf(&b, _("%s is to be written."),
                   quoted(c, io->call[0].bytes.at, io->call[0].bytes.size));
    else
        buf_printf(
            &b, io->ends ? _("%s waits to be read, then end of file.") : _("%s waits to be read."),
            quoted(c, io->waiting.at, io->waiting.size));
    add_luck(&b, io, writes ? "write" : "read");
    const char *text = check_text(c, "%s", buf_text(&b));
    buf_free(&b);
    return text;
}

static const char *result_words(struct check *c, const struct call *call, long result, int error,
                                const void *bytes)
{
    if (result < 0)
        return check_text(c, _("%ld with errno %s"), result, errno_name(error));
    if (call->function == WRITEN)
        return check_text(c, "%ld", result);
    return check_text(c, "%ld, %s", result, quoted(c, bytes, (size_t)result));
}

/* --- the stage -------------------------------------------------------------------------------- */

/** One case under way. */
struct stage {
    struct check *check;
    const struct io_case *io;
    struct program *driver;
    struct peer *other; /**< the other side of its descriptor 0 */
    int fd;             /**< a copy of its descriptor 0 */
    struct bytes
        answer[CALLS]; /**< the lines that it printed, without what every one begins with */
};

static const char *argument(struct check *c, const struct call *call)
{
    if (call->function != WRITEN)
        return check_text(c, "%s:%zu", function_name(call), call->size);
    struct buf b = {0};
    buf_puts(&b, "writen:");
    for (size_t i = 0; i < call->bytes.size; i++)
        buf_printf(&b, "%02x", (unsigned char)call->bytes.at[i]);
    const char *text = check_text(c, "%s", buf_text(&b));
    buf_free(&b);
    return text;
}

static void set_luck(struct check *c, const struct io_case *io)
{
    struct fault f = {.actor = -1, .group = CALL_READ | CALL_WRITE, .fd_kinds = 1 << FD_STDIN};
    for (size_t i = 0; i < FAILURES && io->bad[i].first; i++) {
        f.what = FAULT_ERRNO;
        f.value = io->bad[i].error;
        f.first = io->bad[i].first;
        f.count = io->bad[i].count;
        check_fault(c, f);
    }
    f.first = f.count = 0;
    f.what = FAULT_SHORT;
    f.value = io->cut;
    if (io->cut)
        check_fault(c, f);
}

static void set_stage(struct stage *s, struct check *c, const struct io_case *io)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        check_trouble(c, _("no pair of sockets: %s"), strerror(errno));
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    check_scene(c);
    *s = (struct stage){.check = c, .io = io, .fd = ends[1]};
    s->other = client_new(c, _("the other side"));
    peer_adopt(s->other, ends[0]);
    if (io->waiting.size > 0)
        peer_send(s->other, io->waiting.at, io->waiting.size);
    if (io->ends)
        peer_half_close(s->other);
    if (io->gone)
        peer_close(s->other);
    set_luck(c, io);
    struct start start = {.name = "io_driver", .input = INPUT_FD, .in_fd = s->fd};
    for (size_t i = 0; i < CALLS && io->call[i].function; i++)
        start.argument[i] = argument(c, &io->call[i]);
    s->driver = program_start(c, &start);
}

static void clear_stage(struct stage *s)
{
    struct check *c = s->check;
    while (c->faults > 0)
        check_unfault(c, &c->fault[c->faults - 1]);
    peer_close(s->other);
    fd_close(&s->fd);
}

/* --- judging ---------------------------------------------------------------------------------- */

static bool has_answered(struct check *c, void *program)
{
    (void)c;
    size_t have;
    const char *rest = program_rest(program, &have);
    return memchr(rest, '\n', have) != NULL;
}

/** The last read or write on descriptor 0 before the driver printed line @p number. */
static const struct event *last_call(const struct stage *s, size_t number)
{
    const struct event *found = NULL;
    size_t printed = 0;
    for (const struct event *e = NULL;
         (e = judge_call(s->check->timeline, e, s->driver->actor, CALL_READ | CALL_WRITE));) {
        if (e->fd_kind == FD_STDOUT && printed++ == number)
            break;
        if (e->fd_kind == FD_STDIN)
            found = e;
    }
    return found;
}

/** What the driver said of one call. */
struct answer {
    long result;
    int error;
    unsigned char buffer[256];
    size_t size;
};

/** Reads `readn(0, buf, 8) = 3, errno 0, buf 616200...`; false if it is something else. */
static bool read_answer(const struct call *call, const char *line, struct answer *answer)
{
    char name[16];
    unsigned long size;
    int length = 0;
    memset(answer, 0, sizeof(*answer));
    if (sscanf(line, "%15[a-z](0, buf, %lu) = %ld, errno %d, buf %n", name, &size, &answer->result,
               &answer->error, &length) != 4 ||
        length == 0)
        return false;
    if (strcmp(name, function_name(call)) != 0 || size != call->size)
        return false;
    unsigned value;
    for (const char *at = line + length; answer->size < sizeof(answer->buffer); at += 2) {
        if (sscanf(at, "%2x", &value) != 1)
            break;
        answer->buffer[answer->size++] = (unsigned char)value;
    }
    return call->function == WRITEN || answer->size == call->size + DRIVER_GUARD;
}

/** Did it write behind the buffer that it was given? */
static bool overran(const struct call *call, const struct answer *answer)
{
    for (size_t i = call->size; call->function != WRITEN && i < answer->size; i++)
        if (answer->buffer[i] != DRIVER_MARK)
            return true;
    return false;
}

static void judge_result(struct stage *s, size_t number, const struct answer *answer)
{
    struct check *c = s->check;
    const struct call *call = &s->io->call[number];
    long right = call->error ? -1 : (long)call->bytes.size;
    /* A count that cannot be true is not followed into the buffer. */
    size_t room = call->function == READLINE && call->size > 0 ? call->size - 1 : call->size;
    bool sane = answer->result <= (long)room;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {last_call(s, number)}};
    failure.expected = result_words(c, call, right, call->error, call->bytes.at);
    failure.actual = sane ? result_words(c, call, answer->result, answer->error, answer->buffer)
                          : check_text(c, "%ld", answer->result);
    const char *words = call_words(c, s->io, number), *circumstances = story(c, s->io);
    if (overran(call, answer))
        check_fail(c, &failure, _("%s Then %s wrote behind the end of buf, which has %zu bytes."),
                   circumstances, words, call->size);
    if (answer->result != right)
        check_fail(c, &failure, _("%s Then %s returned %ld; %ld is right."), circumstances, words,
                   answer->result, right);
    if (right < 0 && answer->error != call->error)
        check_fail(c, &failure,
                   _("%s Then %s returned -1, as it should, but errno is %s and no longer %s."),
                   circumstances, words, errno_name(answer->error), errno_name(call->error));
    if (right < 0 || call->function == WRITEN)
        return;
    if (memcmp(answer->buffer, call->bytes.at, call->bytes.size) != 0)
        check_fail(
            c, &failure,
            _("%s Then %s returned %ld, as it should, but the bytes are not those that came."),
            circumstances, words, right);
    if (call->function == READLINE && answer->buffer[right] != '\0')
        check_fail(c, &failure,
                   _("%s Then %s returned %ld, as it should, but no NUL stands at buf[%ld]."),
                   circumstances, words, right, right);
}

static void judge_call_of(struct stage *s, size_t number)
{
    struct check *c = s->check;
    const struct call *call = &s->io->call[number];
    long right = call->error ? -1 : (long)call->bytes.size;
    const char *words = call_words(c, s->io, number);
    check_await(c, has_answered, s->driver,
                check_text(c, _("%s Then %s should return %ld"), story(c, s->io), words, right));
    size_t have;
    const char *rest = program_rest(s->driver, &have);
    size_t length = (size_t)((const char *)memchr(rest, '\n', have) - rest) + 1;
    const char *line = check_text(c, "%.*s", (int)length, rest);
    struct answer answer;
    if (!read_answer(call, line, &answer))
        check_fail(c,
                   &(struct failure){.verdict = VERDICT_MISMATCH,
                                     .event = {last_call(s, number)},
                                     .actual = quoted(c, line, length)},
                   _("%s printed something on standard output. The functions of io.c print "
                     "nothing: the caller does."),
                   words);
    s->driver->taken += length;
    judge_result(s, number, &answer);
}

/** What nobody asked for must still be there: the judge looks at the descriptor itself. */
static void judge_rest(struct stage *s, size_t last)
{
    struct check *c = s->check;
    const struct io_case *io = s->io;
    char rest[64];
    if (io->call[last].error)
        return; /* how many bytes were read before the failure is the student's choice */
    ssize_t n = recv(s->fd, rest, sizeof(rest), MSG_DONTWAIT);
    size_t size = n > 0 ? (size_t)n : 0;
    if (size == io->left.size && (size == 0 || memcmp(rest, io->left.at, size) == 0))
        return;
    struct failure failure = {
        .verdict = VERDICT_MISMATCH,
        .event = {last_call(s, last)},
        .expected = check_text(c, _("%s is left"), quoted(c, io->left.at, io->left.size)),
        .actual = check_text(c, _("%s is left"), quoted(c, rest, size))};
    check_fail(c, &failure,
               _("%s Then %s took bytes out of the descriptor that it was not asked for: whoever "
                 "reads next "
                 "misses them."),
               story(c, io), call_words(c, io, last));
}

/** writen: what arrived. */
static void judge_arrived(struct stage *s, size_t last)
{
    struct check *c = s->check;
    const struct buf *in = &s->other->in;
    struct buf right = {0};
    for (size_t i = 0; i <= last; i++)
        buf_add(&right, s->io->call[i].bytes.at, s->io->call[i].bytes.size);
    size_t want = s->io->call[last].error ? in->length : right.length;
    if (in->length == want && want <= right.length &&
        memcmp(buf_text(in), buf_text(&right), want) == 0) {
        buf_free(&right);
        return;
    }
    struct failure failure = {.verdict = VERDICT_MISMATCH,
                              .event = {last_call(s, last)},
                              .expected = quoted(c, buf_text(&right), right.length),
                              .actual = quoted(c, buf_text(in), in->length)};
    check_fail(c, &failure, _("%s It returned the right count, but other bytes arrived."),
               story(c, s->io));
}

static void run_case(struct check *c, const struct io_case *io)
{
    struct stage s;
    size_t calls = 0;
    set_stage(&s, c, io);
    for (; calls < CALLS && io->call[calls].function; calls++)
        judge_call_of(&s, calls);
    program_expect_exit(s.driver, 0);
    if (io->call[0].function == WRITEN) {
        check_settle(c); /* what was written has arrived; the peer still has to take it */
        judge_arrived(&s, calls - 1);
    } else {
        judge_rest(&s, calls - 1);
    }
    clear_stage(&s);
}

static void run_cases(struct check *c, const struct io_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        run_case(c, &cases[i]);
}

void lab06_run_readn(struct check *c)
{
    run_cases(c, readn_cases, sizeof(readn_cases) / sizeof(readn_cases[0]));
}

void lab06_run_writen(struct check *c)
{
    run_cases(c, writen_cases, sizeof(writen_cases) / sizeof(writen_cases[0]));
}

void lab06_run_readline(struct check *c)
{
    run_cases(c, readline_cases, sizeof(readline_cases) / sizeof(readline_cases[0]));
}
