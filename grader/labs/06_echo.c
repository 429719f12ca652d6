/**
 * @file 06_echo.c
 * Lab 06: conversations with echo_server and echo_client.
 *
 * One mistake should cost one check. So only `binary` sends bytes that are no text, only `large`
 * sends more than 64 KiB, only `echoes` looks at what comes back while stdin is still open.
 */
#include "labs/06_read_write.h"

#include <string.h>
#include <sys/socket.h>

static const char text[] = LAB06_TEXT;
enum {
    TEXT = sizeof(text) - 1,
    LARGE = 8 * 1024 * 1024,
    SMALL_BUFFER = 128 * 1024,
    LARGE_SECONDS = 60
};

/* --- conversations with the server ------------------------------------------------------------ */

void lab06_echo_text(struct check *c, struct program *server, unsigned port)
{
    (void)server;
    struct peer *client = client_dial(c, port);
    peer_send(client, text, TEXT);
    peer_expect(c, client, text, TEXT);
    peer_close(client);
}

/** A client that leaves when the server has read its bytes and has not yet sent them back. */
static void leave_before_echo(struct check *c, unsigned port, void (*leave)(struct peer *))
{
    struct fault *hold = check_hold_write(c, -1);
    struct peer *client = client_dial(c, port);
    peer_send(client, text, TEXT);
    check_await_held(c, hold);
    leave(client);
    peer_await_left(c, client);
    check_unfault(c, hold);
}

void lab06_dismiss(struct check *c, struct program *server)
{
    program_kill(server);
    check_scene(c);
}

/* --- conversations with the client ------------------------------------------------------------ */

struct visit lab06_visit_start(struct check *c, uint32_t trace, int buffers)
{
    struct visit v;
    struct door_options how = {
        .port = check_port(c), .receive_buffer = buffers, .send_buffer = buffers};
    v.door = door_new(c, NULL, &how);
    struct start start = {.name = "echo_client",
                          .argument = {"127.0.0.1", check_text(c, "%u", how.port)},
                          .input = INPUT_PIPE,
                          .trace = trace,
                          .limits.cpu_seconds = LARGE_SECONDS};
    v.client = program_start(c, &start);
    v.server = NULL;
    return v;
}

/** A client that may rightly read stdin before it connects is given something to read. */
static void visit_send(struct visit *v, const void *bytes, size_t size)
{
    program_send(v->client, bytes, size);
    if (!v->server)
        v->server = door_expect(v->client->check, v->door, NULL);
}

void lab06_visit_echo(struct check *c, const void *bytes, size_t size, size_t piece)
{
    struct visit v = lab06_visit_start(c, TRACE_ALL, 0);
    program_send(v.client, bytes, size);
    program_end_input(v.client);
    v.server = door_expect(c, v.door, NULL);
    peer_echo(v.server, piece);
    program_expect_output(v.client, bytes, size);
    program_expect_exit(v.client, 0);
}

static bool has_received(struct check *c, void *peer)
{
    (void)c;
    const struct peer *p = peer;
    return p->received > 0 || p->end || p->state == PEER_CLOSED;
}

/* --- bytes come back -------------------------------------------------------------------------- */

static void client_echoes(struct check *c)
{
    static const char first[] = "hello\n", second[] = "and once more\n";
    struct visit v = lab06_visit_start(c, TRACE_ALL, 0);
    visit_send(&v, first, strlen(first));
    check_await(c, has_received, v.server, _("the server waits for the line that was typed"));
    check_settle(c);
    if (v.client->output.length > 0)
        check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH},
                   _("echo_client prints before anything has come back. It is to print what the "
                     "server sends."));
    peer_echo(v.server, 0);
    program_expect_output(v.client, first, strlen(first));
    program_send(v.client, second, strlen(second));
    program_expect_output(v.client, second, strlen(second));
}

void lab06_run_echoes(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, "echo_server", port);
    struct peer *client = client_dial(c, port);
    peer_send(client, "hello\n", 6);
    peer_expect(c, client, "hello\n", 6);
    peer_send(client, text, TEXT);
    peer_expect(c, client, text, TEXT);
    lab06_dismiss(c, server);
    client_echoes(c);
}

void lab06_run_binary(struct check *c)
{
    unsigned char bytes[512];
    for (int i = 0; i < 256; i++) { /* each value, and each with another neighbour */
        bytes[i] = (unsigned char)i;
        bytes[256 + i] = (unsigned char)(255 - i);
    }
    unsigned port = check_port(c);
    struct program *server = server_start(c, "echo_server", port);
    struct peer *client = client_dial(c, port);
    peer_send(client, bytes, sizeof(bytes));
    peer_expect(c, client, bytes, sizeof(bytes));
    lab06_dismiss(c, server);
    lab06_visit_echo(c, bytes, sizeof(bytes), 0);
}

/**
 * The grader's buffers are small: the kernel's could hold it all, and a deadlock would not show. A
 * program that takes line by line or byte by byte is slow and right: it has its time.
 */
void lab06_run_large(struct check *c)
{
    check_be_patient(c);
    uint64_t pattern = PATTERN_TEXT | c->seed;
    unsigned port = check_port(c);
    struct start start = {.name = "echo_server",
                          .argument = {check_text(c, "%u", port)},
                          .trace = TRACE_CONTROL,
                          .limits.cpu_seconds = LARGE_SECONDS};
    struct program *server = server_start_with(c, &start, port);
    struct peer_dial how = {
        .port = port, .receive_buffer = SMALL_BUFFER, .send_buffer = SMALL_BUFFER};
    struct peer *client = client_dial_with(c, NULL, &how);
    peer_expect_pattern(client, pattern);
    peer_send_pattern(client, pattern, LARGE);
    peer_expect_all(c, client, LARGE);
    lab06_dismiss(c, server);
    struct visit v = lab06_visit_start(c, TRACE_CONTROL, SMALL_BUFFER);
    program_expect_pattern(v.client, pattern);
    program_send_pattern(v.client, pattern, LARGE);
    program_end_input(v.client);
    v.server = door_expect(c, v.door, NULL);
    peer_expect_pattern(v.server, pattern);
    peer_echo(v.server, 0);
    program_expect_all(v.client, LARGE);
    program_expect_exit(v.client, 0);
}

void lab06_run_trickle(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, "echo_server", port);
    struct peer *client = client_dial(c, port);
    peer_send_pieces(client, text, TEXT, 1);
    peer_expect(c, client, text, TEXT);
    lab06_dismiss(c, server);
    lab06_visit_echo(c, text, TEXT, 1);
}

/* --- clients that come and go ----------------------------------------------------------------- */

void lab06_run_next_client(struct check *c)
{
    enum { CLIENTS = 5 };
    unsigned port = check_port(c);
    struct program *server = server_start(c, "echo_server", port);
    for (int i = 0; i < CLIENTS; i++)
        lab06_echo_text(c, server, port);
    program_expect_alive(server);
}

void lab06_run_reset(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, "echo_server", port);
    struct peer *client = client_dial(c, port);
    peer_send(client, text, TEXT);
    peer_expect(c, client, text, TEXT);
    peer_reset(client); /* the server is in read, which fails with ECONNRESET */
    peer_await_left(c, client);
    lab06_echo_text(c, server, port);
    leave_before_echo(c, port, peer_vanish); /* EPIPE and SIGPIPE */
    lab06_echo_text(c, server, port);
    leave_before_echo(c, port, peer_reset); /* ECONNRESET from write */
    lab06_echo_text(c, server, port);
    leave_before_echo(c, port, peer_close); /* the write succeeds, and is answered by a reset */
    lab06_echo_text(c, server, port);
    program_expect_alive(server);
}

/* --- a server that goes too early ------------------------------------------------------------- */

static void judge_broken(struct check *c, struct program *client)
{
    client->awaited = true;
    int status = program_await_end(client);
    struct failure failure = {.verdict = VERDICT_EXITED,
                              .expected = check_text(c, _("status %d"), 1),
                              .actual = check_text(c, _("status %d"), status)};
    if (status != 1)
        check_fail(c, &failure,
                   _("The server was gone before all was back, and %s ended with status %d."),
                   client->name, status);
    if (client->errors.length == 0) {
        failure.expected = _("a line on standard error that says why");
        failure.actual = _("nothing on standard error");
        check_fail(c, &failure,
                   _("The server was gone before all was back, and %s ended without a word."),
                   client->name);
    }
}

/** The server has got something, sends half of it back at most, and goes. */
static void go_early(struct check *c, bool half, void (*leave)(struct peer *))
{
    check_scene(c);
    struct visit v = lab06_visit_start(c, TRACE_ALL, 0);
    visit_send(&v, "hello\n", 6);
    check_await(c, has_received, v.server, _("the server waits for the line that was typed"));
    check_settle(c);
    if (half && v.server->in.length > 1)
        peer_send(v.server, buf_text(&v.server->in), v.server->in.length / 2);
    leave(v.server);
    program_end_input(v.client); /* one that does not look at the server meanwhile may look now */
    judge_broken(c, v.client);
}

/** The server goes while nothing is owed, and then more is typed: there is nobody to send it to. */
static void go_between(struct check *c)
{
    check_scene(c);
    struct visit v = lab06_visit_start(c, TRACE_ALL, 0);
    visit_send(&v, "hello\n", 6);
    peer_echo(v.server, 0);
    check_settle(c); /* all is back; whether it is shown at once is for `echoes` to say */
    peer_vanish(v.server);
    peer_await_left(c, v.server);
    if (v.client->ended) /* it has noticed; nothing was owed, so its status is its own choice */
        return;
    program_send(v.client, "are you there?\n", 15);
    program_end_input(v.client);
    judge_broken(c, v.client);
}

void lab06_run_early_close(struct check *c)
{
    go_early(c, false, peer_close);
    go_early(c, true, peer_close);
    go_early(c, false, peer_reset);
    go_between(c);
}

void lab06_run_last_line(struct check *c)
{
    lab06_visit_echo(c, "one\ntwo", 7, 0);
    check_scene(c);
    struct visit v = lab06_visit_start(c, TRACE_ALL, 0);
    program_end_input(v.client);
    v.server = door_maybe(c, v.door, NULL);
    if (v.server)
        peer_echo(v.server, 0);
    program_expect_exit(v.client, 0);
}
