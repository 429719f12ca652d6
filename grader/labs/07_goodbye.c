/**
 * @file 07_goodbye.c
 * Lab 07: who says when that this was all, and that nothing is lost then. The other checks are 07_close.c's.
 */
#include "labs/07_close.h"

#include <string.h>
#include <sys/wait.h>

static const char answer[] = "Is that all?\nGoodbye.\n";
enum { ANSWER = sizeof(answer) - 1, HALF = ANSWER / 2 };

/* --- conversations with the server ---------------------------------------------------------------------------------- */

/** A client that says all it has to say, and that this was all. */
struct peer *lab07_ask(struct check *c, unsigned port, const void *bytes, size_t size)
{
    struct peer *client = client_dial(c, port);
    peer_send(client, bytes, size);
    peer_half_close(client);
    return client;
}

/** These bytes come, and then the end, however it comes: a reset is the matter of `no-reset`. */
void lab07_expect_answer(struct check *c, struct peer *client, const void *bytes, size_t size)
{
    if (size > 0)
        peer_expect(c, client, bytes, size);
    peer_expect_gone(c, client);
    if (client->in.length > 0)
        peer_expect_end(c, client); /* says what is too much */
}

/** A client that is served, whatever with. */
void lab07_serve_one(struct check *c, struct program *server, unsigned port)
{
    (void)server;
    struct peer *client = lab07_ask(c, port, lab07_text, LAB07_TEXT);
    peer_expect_some(c, client);
    peer_close(client);
}

/**
 * Whether a client's line comes out before the server waits again. That one does not is the matter of `collects`; other
 * checks then have no line to look at. The server is another one: if it does not outlive its client, others say so.
 */
static bool prints_at_once(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    lab07_serve_one(c, server, port);
    check_rest(c);
    program_kill(server);
    return server->output.length > 0;
}

/** The server has done well; what it does now is not to be told of the client. */
void lab07_end_scene(struct check *c)
{
    program_kill(c->program[c->programs - 1]);
    check_scene(c);
}

/* --- conversations with the client ---------------------------------------------------------------------------------- */

static struct visit visit_start(struct check *c, uint32_t trace)
{
    struct visit v;
    unsigned port = check_port(c);
    v.door = door_new(c, NULL, &(struct door_options){.port = port});
    struct start start = {.name = "collect_client", .argument = {"127.0.0.1", check_text(c, "%u", port)},
                          .input = INPUT_PIPE, .trace = trace};
    v.client = program_start(c, &start);
    v.server = NULL;
    return v;
}

/** A client that is told to send these bytes, and has come to the server. */
struct visit lab07_visit(struct check *c, const void *bytes, size_t size)
{
    struct visit v = visit_start(c, TRACE_ALL);
    if (size > 0)
        program_send(v.client, bytes, size);
    program_end_input(v.client);
    v.server = door_expect(c, v.door, NULL);
    return v;
}

bool lab07_is_over(struct check *c, void *argument)
{
    (void)c;
    const struct peer *p = argument;
    return p->end || p->state == PEER_CLOSED;
}

/** The server answers in two pieces, to a client that has not said goodbye, too. The client is at rest, or gone, then. */
void lab07_answer_anyway(struct check *c, struct visit *v)
{
    check_rest(c);
    peer_send(v->server, answer, HALF);
    check_rest(c);
    peer_send(v->server, answer + HALF, ANSWER - HALF);
    check_rest(c);
    peer_half_close(v->server);
    check_rest(c);
}

/* --- the goodbye ---------------------------------------------------------------------------------------------------- */

/** The call by which the client ended the conversation; NULL if there was none. */
const struct event *lab07_goodbye(const struct check *c, const struct program *client)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, client->actor, CALL_SHUTDOWN | CALL_CLOSE));)
        if (e->fd_kind == FD_CONNECTED && (!last || (e->group & CALL_SHUTDOWN)))
            last = e;
    return last;
}

void lab07_run_half_close(struct check *c)
{
    struct visit v = lab07_visit(c, lab07_text, LAB07_TEXT);
    peer_expect(c, v.server, lab07_text, LAB07_TEXT);
    peer_expect_end(c, v.server);
    check_settle(c); /* the server takes its time */
    if (v.client->ended && WIFEXITED(v.client->status)) {
        struct failure failure = {.verdict = VERDICT_EXITED, .event = {lab07_goodbye(c, v.client)},
                                  .expected = _("it waits for the answer"),
                                  .actual = check_text(c, _("it ended with status %d"), WEXITSTATUS(v.client->status))};
        check_fail(c, &failure, _("collect_client has sent its end of file, and has ended before the server's answer came."));
    }
    peer_send(v.server, answer, HALF);
    check_settle(c);
    peer_send(v.server, answer + HALF, ANSWER - HALF);
    peer_half_close(v.server);
    program_expect_output(v.client, ">", 1);
    program_expect_output(v.client, answer, ANSWER);
    program_expect_output(v.client, "\n", 1);
    program_expect_exit(v.client, 0);
}

void lab07_run_after_eof(struct check *c)
{
    unsigned port = check_port(c);
    server_start(c, NULL, port);
    struct peer *client = client_dial(c, port);
    peer_send(client, lab07_text, LAB07_TEXT / 2);
    peer_expect_silence(c, client);
    peer_send(client, lab07_text + LAB07_TEXT / 2, LAB07_TEXT - LAB07_TEXT / 2); /* up to a newline, which is no end either */
    peer_expect_silence(c, client);
    peer_half_close(client);
    peer_expect_some(c, client);
}

static void server_is_not_reset(struct check *c)
{
    unsigned port = check_port(c);
    server_start(c, NULL, port);
    struct peer *client = client_dial(c, port);
    for (size_t at = 0; at < LAB07_TEXT; at += LAB07_TEXT / 3) {
        peer_send(client, lab07_text + at, LAB07_TEXT - at < LAB07_TEXT / 3 ? LAB07_TEXT - at : LAB07_TEXT / 3);
        check_rest(c); /* the server has read this piece, and waits; or it has closed, and the next is answered by RST */
    }
    peer_half_close(client);
    peer_expect_gone(c, client);
    buf_clear(&client->in); /* how it ended is the question, not what came */
    peer_expect_end(c, client);
}

static void client_does_not_reset(struct check *c)
{
    struct visit v = lab07_visit(c, lab07_text, LAB07_TEXT);
    lab07_answer_anyway(c, &v);
    if (!v.server->error)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {lab07_goodbye(c, v.client)},
                              .expected = _("the server can send its whole answer, and then its end of file"),
                              .actual = check_text(c, "%s (%s)", errno_name(v.server->error), strerror(v.server->error))};
    check_fail(c, &failure, _("The server's answer was met by a reset: the client's side did not receive any more when it came."));
}

void lab07_run_no_reset(struct check *c)
{
    server_is_not_reset(c);
    lab07_end_scene(c);
    client_does_not_reset(c);
}

/* --- all of it, any bytes, none --------------------------------------------------------------------------------------- */

enum { MUCH = 4 * 1024 * 1024, SMALL_PIECES = 1001, SMALL_PIECE = 7, LARGE_PIECE = 99991 };

/** In pieces of odd sizes: some small ones, then larger ones. */
static void send_much(struct check *c, struct peer *p, const unsigned char *bytes)
{
    peer_send_pieces(p, bytes, SMALL_PIECES, SMALL_PIECE);
    peer_await_sent(c, p);
    peer_send_pieces(p, bytes + SMALL_PIECES, MUCH - SMALL_PIECES, LARGE_PIECE);
    peer_half_close(p);
}

/** `>`, the pattern, a newline. */
static void expect_much(struct program *p)
{
    program_expect_output(p, ">", 1);
    program_expect_all(p, MUCH);
    program_expect_output(p, "\n", 1);
}

void lab07_run_collects(struct check *c)
{
    static unsigned char bytes[MUCH];
    uint64_t pattern = PATTERN_TEXT | c->seed;
    pattern_fill(bytes, MUCH, pattern, 0);
    unsigned port = check_port(c);
    struct start start = {.name = "collect_server", .argument = {check_text(c, "%u", port)}, .trace = TRACE_CONTROL};
    struct program *server = server_start_with(c, &start, port);
    program_expect_pattern_at(server, pattern, 1, MUCH);
    struct peer *client = client_dial(c, port);
    peer_expect_pattern(client, pattern);
    send_much(c, client, bytes);
    peer_expect_all(c, client, MUCH);
    peer_expect_end(c, client);
    peer_close(client);
    expect_much(server);
    lab07_end_scene(c);
    struct visit v = visit_start(c, TRACE_CONTROL);
    program_expect_pattern_at(v.client, pattern, 1, MUCH);
    program_send_pattern(v.client, pattern, MUCH);
    program_end_input(v.client);
    v.server = door_expect(c, v.door, NULL);
    peer_expect_pattern(v.server, pattern);
    peer_expect_all(c, v.server, MUCH);
    peer_expect_end(c, v.server);
    check_rest(c); /* as in half-close: who does not wait for the answer is gone by now */
    send_much(c, v.server, bytes);
    expect_much(v.client);
    program_expect_exit(v.client, 0);
}

/** These bytes and nothing else through the server, and through the client. */
static void collect_bytes(struct check *c, const void *bytes, size_t size)
{
    bool prints = prints_at_once(c);
    check_scene(c);
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    lab07_expect_answer(c, lab07_ask(c, port, bytes, size), bytes, size);
    char *line = check_text(c, "%*s", (int)size + 2, "");
    line[0] = '>';
    memcpy(line + 1, bytes, size);
    line[size + 1] = '\n';
    if (prints)
        program_expect_output(server, line, size + 2);
    lab07_end_scene(c);
    struct visit v = lab07_visit(c, bytes, size);
    if (size > 0)
        peer_expect(c, v.server, bytes, size);
    peer_expect_end(c, v.server);
    check_rest(c); /* as in half-close: who does not wait for the answer is gone by now */
    peer_send(v.server, bytes, size);
    peer_half_close(v.server);
    program_expect_output(v.client, line, size + 2);
    program_expect_exit(v.client, 0);
}

void lab07_run_binary(struct check *c)
{
    unsigned char bytes[512];
    for (int i = 0; i < 256; i++) { /* each value, and each with another neighbour */
        bytes[i] = (unsigned char)i;
        bytes[256 + i] = (unsigned char)(255 - i);
    }
    collect_bytes(c, bytes, sizeof(bytes));
}

void lab07_run_empty(struct check *c)
{
    collect_bytes(c, "", 0);
}

