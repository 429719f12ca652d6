/**
 * @file 13_loss.c
 * Lab 13: udp_client, when answers get lost, come late, come from somebody else or are none.
 *
 * The client's seconds pass when nothing else can happen (tracer/time.c). How long it waits is known from its own clock: what was skipped,
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
    struct program *client;
    struct mailbox *server;
    const char *line;
    struct mark mark[SENDINGS + 1]; /* the last one: when the client had given up */
    size_t sendings;
};

/** The wait between two sendings, in ms as it is shown: without what the machine took. */
static int64_t waited(const struct mark *from, const struct mark *to)
{
    int64_t skipped = (to->skipped - from->skipped) / ms, real = (to->real - from->real) / ms;
    return skipped + (skipped < SHORTEST ? real : 0);
}

/** Both are longer or shorter than a second can be taken for; the time that really passed excuses the client. */
static bool is_about_second(const struct mark *from, const struct mark *to)
{
    int64_t skipped = (to->skipped - from->skipped) / ms, real = (to->real - from->real) / ms;
    return skipped + real >= SHORTEST && skipped <= LONGEST;
}

static void judge_waits(const struct errand *e)
{
    struct check *c = e->client->check;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {mail_last_call(c, e->client, CALL_WRITE)},
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

/** The client has done something: printed, ended, or sent another datagram. */
static bool has_reacted(struct check *c, void *argument)
{
    (void)c;
    const struct errand *e = argument;
    return e->server->taken < e->server->came || e->client->output.length > e->client->taken || e->client->ended;
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
    if (e->server->taken == e->server->came && have > 0) {
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {mail_last_call(c, e->client, CALL_WRITE)}};
        failure.expected = _("the line is sent three times before it is given up");
        failure.actual = check_text(c, _("datagrams sent: %zu; then it prints %s"), e->sendings, mail_quote(said, have));
        check_fail(c, &failure, _("%s has no answer yet and does not send the line again."), e->client->name);
    }
    const struct datagram *d = mail_expect(c, e->server, e->line, strlen(e->line), what);
    e->mark[e->sendings++] = mark_now(e->client);
    return d;
}

static struct errand send_line(struct program *client, struct mailbox *server, const char *line)
{
    program_send(client, line, strlen(line));
    program_send(client, "\n", 1);
    return (struct errand){.client = client, .server = server, .line = line};
}

static void expect_answered(const struct errand *e)
{
    program_expect_line(e->client, "%s", e->line);
}

/** Stdin has ended; the client does, too. */
static void expect_end(struct program *client, struct mailbox *server, int status)
{
    program_end_input(client);
    program_expect_exit(client, status);
    mail_expect_silence(client->check, server, _("The client sends a datagram although every line is answered or given up."));
}

/* --- resends -------------------------------------------------------------------------------------------------------- */

/** So many answers are lost before one comes through. */
static void lose_answers(struct program *client, struct mailbox *server, const char *line, size_t lost)
{
    struct errand e = send_line(client, server, line);
    while (e.sendings < lost)
        expect_sending(&e);
    mail_echo(client->check, server, expect_sending(&e));
    expect_answered(&e);
}

void lab13_run_resends(struct check *c)
{
    struct mailbox *server;
    struct program *client = lab13_ask_new(c, &server);
    lose_answers(client, server, "hello", 1);
    lose_answers(client, server, "is anybody there?", 2);
    lose_answers(client, server, "", 1);
    lose_answers(client, server, "good", 0);
    expect_end(client, server, 0);
}

/* --- gives-up ------------------------------------------------------------------------------------------------------- */

/** Three sendings in vain, and then it is told. */
static struct errand lose_all(struct program *client, struct mailbox *server, const char *line)
{
    struct errand e = send_line(client, server, line);
    while (e.sendings < SENDINGS)
        expect_sending(&e);
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
    struct mailbox *server;
    struct program *client = lab13_ask_new(c, &server);
    struct errand first = lose_all(client, server, "is anybody there?");
    program_send(client, "and now?\n", strlen("and now?\n"));
    check_wait(c, has_reacted, &first);
    judge_fourth(&first);
    struct errand second = {.client = client, .server = server, .line = "and now?"};
    program_expect_line(client, "no answer");
    const struct datagram *d = expect_sending(&second);
    first.mark[first.sendings++] = second.mark[0];
    judge_waits(&first);
    mail_echo(c, server, d);
    expect_answered(&second);
    lose_all(client, server, "and at the end?");
    program_end_input(client);
    program_expect_line(client, "no answer");
    expect_end(client, server, 1);
}

/* --- stranger ------------------------------------------------------------------------------------------------------- */

/**
 * Something that is no answer has come. The client goes on waiting, and sends the line again when its time is over, not before.
 * @p sentence, with the client's name, if it does something else.
 */
static void expect_ignored(struct errand *e, const char *sentence)
{
    struct check *c = e->client->check;
    check_wait(c, has_reacted, e);
    size_t have;
    const char *said = program_rest(e->client, &have);
    bool again = e->server->taken < e->server->came;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {mail_last_call(c, e->client, CALL_READ)},
                              .expected = _("it goes on waiting for the answer")};
    if (!again && have > 0) {
        failure.actual = check_text(c, _("it prints %s"), mail_quote(said, have));
        check_fail(c, &failure, sentence, e->client->name);
    }
    expect_sending(e);
    if (is_about_second(&e->mark[e->sendings - 2], &e->mark[e->sendings - 1]))
        return;
    failure.actual = check_text(c, _("it sends the line again after %g s"),
                                (double)waited(&e->mark[e->sendings - 2], &e->mark[e->sendings - 1]) / 1000);
    check_fail(c, &failure, _("Something came that is no answer, and %s does not go on waiting for the rest of the second."),
               e->client->name);
}

static void send_wrong(struct check *c, struct mailbox *from, const struct datagram *to, const char *text)
{
    mail_answer(c, from, to, text, strlen(text));
}

static void meet_stranger(struct program *client, struct mailbox *server, struct mailbox *stranger, const char *line)
{
    struct check *c = client->check;
    struct errand e = send_line(client, server, line);
    send_wrong(c, stranger, expect_sending(&e), line);
    expect_ignored(&e, _("%s takes a stranger's datagram for the server's answer."));
    const struct datagram *d = &server->in[server->taken - 1];
    send_wrong(c, stranger, d, line);
    send_wrong(c, stranger, d, "what are you talking about?");
    mail_echo(c, server, d); /* behind the stranger's */
    expect_answered(&e);
}

void lab13_run_stranger(struct check *c)
{
    struct mailbox *server;
    struct program *client = lab13_ask_new(c, &server);
    unsigned port = ntohs(((const struct sockaddr_in *)&server->address)->sin_port);
    struct mailbox_options near = {.port = 0}, far = {.address = "127.0.0.2", .port = port};
    meet_stranger(client, server, mail_open(c, _("a stranger"), &near), "from another port?");
    check_scene(c);
    meet_stranger(client, server, mail_open(c, _("a stranger"), &far), "from another address?");
    expect_end(client, server, 0);
}

/* --- late ----------------------------------------------------------------------------------------------------------- */

void lab13_run_late(struct check *c)
{
    struct mailbox *server;
    struct program *client = lab13_ask_new(c, &server);
    struct errand first = lose_all(client, server, "first");
    const struct datagram *to = &server->in[server->taken - 1];
    program_expect_line(client, "no answer");
    struct errand second = send_line(client, server, "second");
    expect_sending(&second);
    send_wrong(c, server, to, first.line);
    expect_ignored(&second, _("The answer to an earlier line comes late, and %s takes it for the answer to this one."));
    mail_echo(c, server, &server->in[server->taken - 1]);
    expect_answered(&second);

    check_scene(c); /* now one that waits in the socket before the next line is sent */
    struct errand third = send_line(client, server, "third");
    expect_sending(&third);
    const struct datagram *d = expect_sending(&third);
    mail_echo(c, server, d);
    expect_answered(&third);
    mail_echo(c, server, d); /* it was asked twice */
    struct errand fourth = send_line(client, server, "fourth");
    expect_sending(&fourth);
    expect_ignored(&fourth, _("The second answer to an earlier line comes late, and %s takes it for the answer to this one."));
    mail_echo(c, server, &server->in[server->taken - 1]);
    expect_answered(&fourth);
    expect_end(client, server, 1);
}

/* --- altered -------------------------------------------------------------------------------------------------------- */

static void alter(struct program *client, struct mailbox *server, const char *line, size_t size, const void *wrong,
                  size_t wrong_size)
{
    struct check *c = client->check;
    struct errand e = {.client = client, .server = server, .line = line};
    program_send(client, line, size);
    program_send(client, "\n", 1);
    const struct datagram *d = mail_expect(c, server, line, size, _("this line as a datagram"));
    mail_answer(c, server, d, wrong, wrong_size);
    check_wait(c, has_reacted, &e);
    size_t have;
    const char *said = program_rest(client, &have);
    if (server->taken == server->came && have > 0) {
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {mail_last_call(c, client, CALL_READ)},
                                  .expected = check_text(c, _("only %s is an answer"), mail_quote(line, size))};
        failure.actual = check_text(c, _("%s came, and it prints %s"), mail_quote(wrong, wrong_size), mail_quote(said, have));
        check_fail(c, &failure, _("%s takes a datagram for the answer that does not equal what was sent."), client->name);
    }
    mail_echo(c, server, mail_expect(c, server, line, size, _("the line once more, since no answer has come")));
    program_expect_output(client, line, size);
    program_expect_output(client, "\n", 1);
    check_scene(c);
}

void lab13_run_altered(struct check *c)
{
    struct mailbox *server;
    struct program *client = lab13_ask_new(c, &server);
    alter(client, server, "hello", 5, "jello", 5);
    alter(client, server, "hello", 5, "hell", 4);
    alter(client, server, "hello", 5, "hello!", 6);
    alter(client, server, "hello", 5, "hello\n", 6);
    alter(client, server, "hello", 5, "", 0);
    alter(client, server, "", 0, "hello", 5);
    alter(client, server, "one\0two", 7, "one\0six", 7);
    expect_end(client, server, 0);
}

/* --- refused -------------------------------------------------------------------------------------------------------- */

void lab13_run_refused(struct check *c)
{
    unsigned port = check_port(c);
    struct program *client = lab13_ask(c, "127.0.0.1", check_text(c, "%u", port));
    program_send(client, "is anybody there?\n", strlen("is anybody there?\n"));
    program_expect_line(client, "no answer");
    program_send(client, "nobody?\n", strlen("nobody?\n"));
    program_expect_line(client, "no answer");
    check_scene(c);
    struct mailbox *server = mail_open(c, _("server"), &(struct mailbox_options){.port = port, .serves = true});
    struct errand e = send_line(client, server, "and now?");
    expect_sending(&e);
    mail_echo(c, server, expect_sending(&e)); /* what is left of the old refusals may have cost one sending */
    expect_answered(&e);
    expect_end(client, server, 1);
}
