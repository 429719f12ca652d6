/**
 * @file 13_loss.c
 * Lab 13: udp_client, when answers get lost, come late, come from somebody else or are none.
 *
 * The client's seconds pass when nothing else can happen (tracer/time.c). How long it waits is known from its own
 * clock: what was skipped,
 * and what really passed meanwhile, which on a busy machine may be anything and so counts in its favour only.
 */
#include "labs/13_udp.h"

#include <netinet/in.h>
#include <string.h>

static const int64_t ms = 1000000;

/* "1 s", with much room to both sides: a deadline may be reckoned in many ways. */
enum { SHORTEST = 500, LONGEST = 2000 /* ms */ };

/* --- sendings and waits ------------------------------------------------------------------------------------------- */

/** A moment by both clocks. */
struct mark {
    int64_t skipped, real; /* ns */
};

static struct mark mark_now(const struct program *client)
{
    return (struct mark){tracer_time_passed(client->check->tracer, client->actor), clock_now()};
}

/** A line on its way, and when each of its datagrams came. */
enum { SENDINGS = 3 };
struct errand {
    struct talk *talk;
    struct program *client;
    struct mailbox *server;
    const char *line;
    struct mark mark[SENDINGS + 1]; /* the last one: when the client had given up */
    size_t sendings;
};

/** The wait between two sendings, in ms as it is shown: without what the machine took, unless that was all. */
static int64_t waited(const struct mark *from, const struct mark *to)
{
    int64_t skipped = (to->skipped - from->skipped) / ms, real = (to->real - from->real) / ms;
    return skipped > 0 ? skipped : real;
}

/** Both are longer or shorter than a second can be taken for; the time that really passed excuses the client. */
static bool is_about_second(const struct mark *from, const struct mark *to)
{
    int64_t skipped = (to->skipped - from->skipped) / ms, real = (to->real - from->real) / ms;
    return skipped + real >= SHORTEST && skipped <= LONGEST;
}

/** The call in which it waited last, if that is one that shows; else its last sending. */
static const struct event *last_wait(const struct errand *e)
{
    struct check *c = e->client->check;
    const struct event *last = NULL;
    for (const struct event *w = NULL; (w = judge_call(c->timeline, w, e->client->actor, CALL_WAIT | CALL_SLEEP));)
        last = w;
    return last ? last : mail_last_call(c, e->client, CALL_WRITE);
}

static void judge_waits(const struct errand *e)
{
    struct check *c = e->client->check;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {last_wait(e)},
                              .expected = _("a wait of about 1 s for the answer after each sending")};
    struct buf seen = {0};
    bool right = true;
    for (size_t i = 0; i + 1 < e->sendings; i++) {
        buf_puts(&seen, i ? ", " : _("waits: "));
        buf_printf(&seen, "%g s", (double)waited(&e->mark[i], &e->mark[i + 1]) / 1000);
        right &= is_about_second(&e->mark[i], &e->mark[i + 1]);
    }
    failure.actual = buf_text(&seen);
    if (!right)
        check_fail(c, &failure, _("%s does not wait one second for an answer."), e->client->name);
}

static bool has_mail(struct check *c, void *argument)
{
    (void)c;
    const struct mailbox *m = argument;
    return m->taken < m->came;
}

/** The client has done something: printed, ended, or sent another datagram. */
static bool has_reacted(struct check *c, void *argument)
{
    (void)c;
    const struct errand *e = argument;
    return e->server->taken < e->server->came || e->client->output.length > e->talk->printed.length || e->client->ended;
}

/** The next datagram is this line's, for the first time or once more. */
static const struct datagram *expect_sending(struct errand *e)
{
    struct check *c = e->client->check;
    const char *what = e->sendings == 0   ? _("this line as a datagram")
                       : e->sendings == 1 ? _("the line once more, since its first answer was lost")
                                          : _("the line a third time, since two answers were lost");
    check_wait(c, has_reacted, e);
    size_t have;
    const char *said = program_rest(e->client, &have);
    if (e->server->taken == e->server->came && have > e->talk->printed.length) {
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {mail_last_call(c, e->client, CALL_WRITE)}};
        const char *told = mail_quote(said + e->talk->printed.length, have - e->talk->printed.length);
        failure.expected = _("the line is sent three times before it is given up");
        failure.actual = check_text(c, _("datagrams sent: %zu; then it prints %s"), e->sendings, told);
        check_fail(c, &failure, _("%s has no answer yet and does not send the line again."), e->client->name);
    }
    const struct datagram *d = mail_expect(c, e->server, e->line, strlen(e->line), what);
    e->mark[e->sendings++] = mark_now(e->client);
    return d;
}

static struct errand send_line(struct talk *t, const char *line)
{
    lab13_type(t, line, strlen(line));
    return (struct errand){.talk = t, .client = t->client, .server = t->server, .line = line};
}

/** The datagram that came last is answered. */
static void answer(const struct errand *e)
{
    mail_echo(e->client->check, e->server, &e->server->in[e->server->taken - 1]);
    lab13_expect_printed(e->talk, e->line, strlen(e->line));
}

static void expect_given_up(const struct errand *e)
{
    lab13_expect_printed(e->talk, "no answer", strlen("no answer"));
}

/* --- resends -------------------------------------------------------------------------------------------------------- */

/** So many answers are lost before one comes through. */
static void lose_answers(struct talk *t, const char *line, size_t lost)
{
    struct errand e = send_line(t, line);
    while (e.sendings <= lost)
        expect_sending(&e);
    answer(&e);
}

void lab13_run_resends(struct check *c)
{
    struct talk t = lab13_talk(c);
    lose_answers(&t, "hello", 1);
    lose_answers(&t, "is anybody there?", 2);
    lose_answers(&t, "", 1);
    lose_answers(&t, "good", 0);
    lab13_expect_end(&t, 0);
}

/* --- gives-up ------------------------------------------------------------------------------------------------------- */

/** Three sendings in vain, and then it is told. */
static struct errand lose_all(struct talk *t, const char *line)
{
    struct errand e = send_line(t, line);
    while (e.sendings < SENDINGS)
        expect_sending(&e);
    expect_given_up(&e);
    return e;
}

static void judge_fourth(const struct errand *e)
{
    struct check *c = e->client->check;
    const struct mailbox *m = e->server;
    const struct datagram *d = m->taken < m->came ? &m->in[m->taken] : NULL;
    if (!d || d->size != strlen(e->line) || memcmp(d->bytes, e->line, d->size) != 0)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {mail_last_call(c, e->client, CALL_WRITE)},
                              .expected = _("`no answer` after three datagrams"), .actual = _("a fourth datagram")};
    check_fail(c, &failure, _("%s sends a line a fourth time."), e->client->name);
}

void lab13_run_gives_up(struct check *c)
{
    struct talk t = lab13_talk(c);
    struct errand first = lose_all(&t, "is anybody there?"), second = send_line(&t, "and now?");
    check_wait(c, has_mail, t.server);
    judge_fourth(&first);
    expect_sending(&second);
    first.mark[first.sendings++] = second.mark[0];
    judge_waits(&first);
    answer(&second);
    lose_all(&t, "and at the end?");
    lab13_expect_end(&t, 1);
}

/** It has printed something since the last line was settled, and not that it gives this one up. */
static bool prints_answer(const struct talk *t)
{
    size_t have, settled = t->printed.length;
    const char *said = program_rest(t->client, &have);
    size_t known = have < settled ? 0 : have - settled;
    if (known > strlen("no answer"))
        known = strlen("no answer");
    return have > settled && memcmp(said + settled, "no answer", known) != 0;
}

/* --- stranger ------------------------------------------------------------------------------------------------------- */

/**
 * Something that is no answer has come. The client goes on waiting, and sends the line again when its time is over,
 * not before.
 * @p sentence, with the client's name, if it prints. @p usual: a line of which two answers were lost, to know how it
 * waits else.
 */
static void expect_ignored(struct errand *e, const struct errand *usual, const char *sentence)
{
    struct check *c = e->client->check;
    size_t have;
    check_wait(c, has_reacted, e);
    const char *said = program_rest(e->client, &have);
    bool again = e->server->taken < e->server->came;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {mail_last_call(c, e->client, CALL_READ)},
                              .expected = _("it goes on waiting for the answer")};
    if (!again && prints_answer(e->talk)) {
        const char *told = mail_quote(said + e->talk->printed.length, have - e->talk->printed.length);
        failure.actual = check_text(c, _("it prints %s"), told);
        check_fail(c, &failure, sentence, e->client->name);
    }
    expect_sending(e);
    /* How long it waits is the matter of `gives-up`: here only that it does, if it does so else. */
    const struct mark *from = &e->mark[e->sendings - 2], *to = &e->mark[e->sendings - 1];
    if (to->skipped > from->skipped || is_about_second(from, to) || !is_about_second(&usual->mark[0], &usual->mark[1]))
        return;
    failure.actual = _("it sends the line again at once");
    check_fail(c, &failure, _("Something came that is no answer, and %s does not go on waiting for the rest of the second."),
               e->client->name);
}

static void send_wrong(struct check *c, struct mailbox *from, const struct datagram *to, const char *text)
{
    mail_answer(c, from, to, text, strlen(text));
}

static void meet_stranger(struct talk *t, struct mailbox *stranger, const char *line)
{
    struct check *c = t->client->check;
    struct errand e = send_line(t, line);
    expect_sending(&e);
    send_wrong(c, stranger, expect_sending(&e), line);
    expect_ignored(&e, &e, _("%s takes a stranger's datagram for the server's answer."));
    const struct datagram *d = &t->server->in[t->server->taken - 1];
    send_wrong(c, stranger, d, line);
    send_wrong(c, stranger, d, "what are you talking about?");
    answer(&e); /* behind the stranger's */
}

void lab13_run_stranger(struct check *c)
{
    struct talk t = lab13_talk(c);
    unsigned port = ntohs(((const struct sockaddr_in *)&t.server->address)->sin_port);
    struct mailbox_options near = {.port = 0}, far = {.address = "127.0.0.2", .port = port};
    meet_stranger(&t, mail_open(c, _("a stranger"), &near), "from another port?");
    check_scene(c);
    meet_stranger(&t, mail_open(c, _("a stranger"), &far), "from another address?");
    lab13_expect_end(&t, 0);
}

/* --- late ----------------------------------------------------------------------------------------------------------- */

void lab13_run_late(struct check *c)
{
    struct talk t = lab13_talk(c);
    struct errand first = lose_all(&t, "first"), second = send_line(&t, "second");
    const struct datagram *to = &t.server->in[t.server->taken - 1];
    expect_sending(&second);
    send_wrong(c, t.server, to, first.line);
    expect_ignored(&second, &first, _("The answer to an earlier line comes late, and %s takes it for the answer to this one."));
    answer(&second);

    check_scene(c); /* now one that waits in the socket before the next line is sent */
    struct errand third = send_line(&t, "third");
    expect_sending(&third);
    expect_sending(&third);
    answer(&third);
    mail_echo(c, t.server, &t.server->in[t.server->taken - 1]); /* it was asked twice */
    struct errand fourth = send_line(&t, "fourth");
    expect_sending(&fourth);
    expect_ignored(&fourth, &first,
                   _("The second answer to an earlier line comes late, and %s takes it for the answer to this one."));
    answer(&fourth);
    lab13_expect_end(&t, 1);
}

/* --- altered -------------------------------------------------------------------------------------------------------- */

static void alter(struct talk *t, const char *line, size_t size, const void *wrong, size_t wrong_size)
{
    struct check *c = t->client->check;
    struct errand e = {.talk = t, .client = t->client, .server = t->server, .line = line};
    lab13_type(t, line, size);
    const struct datagram *d = mail_expect(c, t->server, line, size, _("this line as a datagram"));
    size_t have, before = t->printed.length;
    mail_answer(c, t->server, d, wrong, wrong_size);
    check_wait(c, has_reacted, &e);
    const char *said = program_rest(t->client, &have);
    if (t->server->taken == t->server->came && prints_answer(t)) {
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {mail_last_call(c, t->client, CALL_READ)},
                                  .expected = check_text(c, _("only %s is an answer"), mail_quote(line, size))};
        failure.actual = check_text(c, _("%s came, and it prints %s"), mail_quote(wrong, wrong_size),
                                    mail_quote(said + before, have - before));
        check_fail(c, &failure, _("%s takes a datagram for the answer that does not equal what was sent."), t->client->name);
    }
    mail_echo(c, t->server, mail_expect(c, t->server, line, size, _("the line once more, since no answer has come")));
    lab13_expect_printed(t, line, size);
    check_scene(c);
}

void lab13_run_altered(struct check *c)
{
    struct talk t = lab13_talk(c);
    alter(&t, "hello", 5, "jello", 5);
    alter(&t, "hello", 5, "hell", 4);
    alter(&t, "hello", 5, "hello!", 6);
    alter(&t, "hello", 5, "hello\n", 6);
    alter(&t, "hello", 5, "", 0);
    alter(&t, "", 0, "hello", 5);
    alter(&t, "one\0two", 7, "one\0six", 7);
    lab13_expect_end(&t, 0);
}

/* --- refused -------------------------------------------------------------------------------------------------------- */

void lab13_run_refused(struct check *c)
{
    unsigned port = check_port(c);
    struct talk t = {.client = lab13_ask(c, "127.0.0.1", check_text(c, "%u", port))};
    struct errand nobody = {.talk = &t};
    lab13_type(&t, "is anybody there?", strlen("is anybody there?"));
    expect_given_up(&nobody);
    lab13_type(&t, "nobody?", strlen("nobody?"));
    expect_given_up(&nobody);
    check_settle(c); /* it reads the next line */
    t.server = mail_open(c, _("server"), &(struct mailbox_options){.port = port, .serves = true});
    struct errand e = send_line(&t, "and now?");
    expect_sending(&e);
    expect_sending(&e); /* what is left of the old refusals may have cost one sending */
    answer(&e);
    lab13_expect_end(&t, 1);
}
