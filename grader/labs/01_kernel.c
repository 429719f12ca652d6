/**
 * @file 01_kernel.c
 * Lab 01: what sockinfo asks the kernel. Whether its line is made of the answers shows when the
 * answers change; whether it looks at the results, when there are none.
 */
#include "labs/01_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/** The next question about an option. */
static const struct event *next_question(const struct check *c, const struct program *p,
                                         const struct event *after)
{
    return timeline_find(c->timeline, after, EVENT_CALL, p->actor, "getsockopt");
}

/* --- the kernel's answers --------------------------------------------------------------------- */

/** A question, and an answer that no inet stream has. */
static const struct question {
    int option;
    const char *name;
    const char *word; /**< of the line */
    int other;
    const char *other_name, *other_word;
} questions[] = {
    {SO_DOMAIN, "SO_DOMAIN", "family", AF_INET6, "AF_INET6", "inet6"},
    {SO_TYPE, "SO_TYPE", "type", SOCK_DGRAM, "SOCK_DGRAM", "dgram"},
    {SO_PROTOCOL, "SO_PROTOCOL", "protocol", IPPROTO_UDP, "IPPROTO_UDP", "udp"},
};

static const struct event *find_changed(const struct check *c, const struct program *p)
{
    const struct event *e = NULL;
    while ((e = next_question(c, p, e)))
        if (e->injected)
            return e;
    return NULL;
}

static struct fault *change_answer(struct check *c, const struct question *q)
{
    struct fault f = {.actor = -1,
                      .group = CALL_NAME,
                      .fd_kinds = 1 << FD_SOCKET,
                      .call = "getsockopt",
                      .withs = 2,
                      .with = {{1, SOL_SOCKET}, {2, q->option}},
                      .what = FAULT_ANSWER,
                      .answer = {.at = 3, .length = 4, .size = sizeof(q->other)}};
    memcpy(f.answer.bytes, &q->other, sizeof(q->other));
    return check_fault(c, f);
}

/** One answer changes: the word for it in the line, which was @p was before, must change too. */
static void judge_answer(struct check *c, const struct question *q, const char *was)
{
    check_scene(c);
    struct fault *fault = change_answer(c, q);
    struct start start = sockinfo_start(&sockinfo_pairs[0]);
    struct program *p = program_start(c, &start);
    p->awaited = true;
    int status = program_await_end(p);
    const char *is = sockinfo_word(c, p, q->word);
    struct failure failure = {.verdict = VERDICT_MISMATCH,
                              .event = {find_changed(c, p), sockinfo_print(c, p)}};
    if (fault->made == 0) {
        failure.event[0] = sockinfo_socket(c, p);
        check_fail(c, &failure, _("%s never asks the kernel for the %s of its socket (%s)."),
                   p->name, q->word, q->name);
    }
    if (!failure.event[0]) {
        failure.event[0] = next_question(c, p, NULL);
        check_fail(
            c, &failure,
            _("%s asks for %s, but leaves the kernel no room for the answer, so it gets none."),
            p->name, q->name);
    }
    check_unfault(c, fault);
    if (is ? strcmp(is, was) != 0
           : status == 1 &&
                 p->output.length == 0) /* or it does not trust the answer, and says so */
        return;
    failure.expected = check_text(c, "%s=%s", q->word, q->other_word);
    failure.actual = sockinfo_output(c, p);
    check_fail(c, &failure,
               _("The grader had the kernel answer %s with %s, but the line does not show it: it "
                 "is not made of "
                 "the answer."),
               q->name, q->other_name);
}

void kernel_run_asks_kernel(struct check *c)
{
    struct start start = sockinfo_start(&sockinfo_pairs[0]);
    struct program *p = program_start(c, &start);
    p->awaited = true;
    program_await_end(p);
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        const char *was = sockinfo_word(c, p, questions[i].word);
        if (!was)
            check_fail(c,
                       &(struct failure){.verdict = VERDICT_MISMATCH,
                                         .event = {sockinfo_print(c, p)},
                                         .expected = check_text(c, "%s=...", questions[i].word),
                                         .actual = sockinfo_output(c, p)},
                       _("The line does not say what the %s of the socket is."), questions[i].word);
        judge_answer(c, &questions[i], was);
    }
}

/* --- the order of the calls ------------------------------------------------------------------- */

void kernel_run_order(struct check *c)
{
    struct start start = sockinfo_start(&sockinfo_pairs[0]);
    struct program *p = program_start(c, &start);
    p->awaited = true;
    program_await_end(p);
    const struct event *socket = sockinfo_socket(c, p);
    size_t answers = 0;
    for (const struct event *e = NULL; (e = next_question(c, p, e));) {
        const struct event *close = judge_close(c->timeline, socket->new_sock);
        struct failure wrong = {.verdict = VERDICT_MISMATCH, .event = {e, socket}};
        if (e->sock == 0 && e->seq < socket->seq)
            check_fail(c, &wrong, _("%s asks about descriptor %d before it has a socket."), p->name,
                       e->fd);
        if (e->sock == 0 && e->fd == socket->result && close && close->seq < e->seq) {
            wrong.event[1] = close;
            check_fail(c, &wrong, _("%s asks about descriptor %d after it has closed it."), p->name,
                       e->fd);
        }
        if (e->sock == 0)
            check_fail(c, &wrong,
                       _("%s asks about descriptor %d, which is no open socket of its own at this "
                         "moment."),
                       p->name, e->fd);
        answers += e->result == 0;
    }
    struct failure failure = {.verdict = VERDICT_MISMATCH,
                              .event = {socket, next_question(c, p, NULL)}};
    if (!failure.event[1])
        check_fail(c, &failure,
                   _("%s makes a socket and never asks about it: there is no getsockopt."),
                   p->name);
    if (answers == 0)
        check_fail(c, &failure, _("%s gets no answer about its socket: no getsockopt succeeds."),
                   p->name);
}

/* --- calls that fail -------------------------------------------------------------------------- */

/** How many questions it asks when all goes well. */
static unsigned count_questions(struct check *c)
{
    struct start start = sockinfo_start(&sockinfo_pairs[0]);
    struct program *p = program_start(c, &start);
    p->awaited = true;
    program_await_end(p);
    unsigned n = 0;
    for (const struct event *e = NULL; (e = next_question(c, p, e));)
        n += e->fd_kind == FD_SOCKET;
    return n;
}

void kernel_run_reports_failure(struct check *c)
{
    enum { QUESTIONS_MAX = 8 };
    static const struct failure_case before[] = {
        {.group = CALL_SOCKET, .error = EMFILE},
        {.group = CALL_NAME, .call = "getsockopt", .error = ENOBUFS},
    };
    static const struct failure_case full = {
        .group = CALL_WRITE, .fd_kinds = 1 << FD_STDOUT, .error = ENOSPC};
    struct start start = sockinfo_start(&sockinfo_pairs[0]);
    unsigned count = count_questions(c);
    common_reports_failure(c, &start, false, before, sizeof(before) / sizeof(before[0]), NULL);
    /* Each of them alone: the first may be the only one whose result is looked at. */
    for (unsigned i = 2; i <= count && i <= QUESTIONS_MAX; i++) {
        struct failure_case one = {.group = CALL_NAME,
                                   .call = "getsockopt",
                                   .error = ENOBUFS,
                                   .occurrence = i,
                                   .count = 1};
        common_reports_failure(c, &start, false, &one, 1, NULL);
    }
    common_reports_failure(c, &start, false, &full, 1, NULL);
}
