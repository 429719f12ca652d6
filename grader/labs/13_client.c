/**
 * @file 13_client.c
 * Lab 13: udp_client, when its server answers.
 */
#include "labs/13_udp.h"

#include <stdlib.h>
#include <string.h>


struct program *lab13_ask(struct check *c, const char *host, const char *port)
{
    return program_start(c, &(struct start){.name = "udp_client", .argument = {host, port}, .trace = MAIL_TRACE,
                                            .input = INPUT_PIPE});
}

struct talk lab13_talk(struct check *c)
{
    unsigned port = check_port(c);
    struct talk t = {.server = mail_open(c, _("server"), &(struct mailbox_options){.port = port, .serves = true})};
    t.client = lab13_ask(c, "127.0.0.1", check_text(c, "%u", port));
    return t;
}

void lab13_type(struct talk *t, const void *line, size_t size)
{
    struct buf whole = {0};
    buf_add(&whole, line, size);
    buf_puts(&whole, "\n");
    program_send(t->client, whole.data, whole.length);
    buf_free(&whole);
}

/** What is on stdout by now is right. */
static void take_output(struct talk *t)
{
    program_expect_output(t->client, t->printed.data, t->printed.length);
    buf_clear(&t->printed);
}

void lab13_expect_printed(struct talk *t, const void *line, size_t size)
{
    buf_add(&t->printed, line, size);
    buf_puts(&t->printed, "\n");
    if (t->at_once)
        take_output(t);
}

void lab13_exchange(struct talk *t, const void *line, size_t size)
{
    struct check *c = t->client->check;
    lab13_type(t, line, size);
    mail_echo(c, t->server, mail_expect(c, t->server, line, size, _("this line as a datagram")));
    lab13_expect_printed(t, line, size);
}

static void exchange_text(struct talk *t, const char *line)
{
    lab13_exchange(t, line, strlen(line));
}

void lab13_expect_end(struct talk *t, int status)
{
    program_end_input(t->client);
    t->client->awaited = true;
    if (t->printed.length > 0)
        take_output(t);
    program_expect_exit(t->client, status);
    mail_expect_silence(t->client->check, t->server,
                        _("The client sends a datagram although every line is answered or given up."));
}

/* --- echoes ----------------------------------------------------------------------------------------------------- */

void lab13_ask_echoes(struct check *c)
{
    static const char binary[] = "nul\0nul, tab\t, \xff and \r";
    struct talk t = lab13_talk(c);
    t.at_once = true;
    exchange_text(&t, "hello");
    exchange_text(&t, "is anybody there?");
    exchange_text(&t, "yes"); /* shorter than the last one: nothing of that is left */
    lab13_exchange(&t, binary, sizeof(binary) - 1);
    lab13_expect_end(&t, 0);
}

/* --- boundaries --------------------------------------------------------------------------------------------------- */

void lab13_ask_boundaries(struct check *c)
{
    static const char *const lines[] = {"one", "", "three", "", "", "six", "last, without a newline"};
    enum { LINES = sizeof(lines) / sizeof(lines[0]) };
    struct talk t = lab13_talk(c);
    for (size_t i = 0; i < LINES; i++) { /* all at once: what read(2) returns is not a line */
        program_send(t.client, lines[i], strlen(lines[i]));
        program_send(t.client, "\n", i + 1 < LINES);
    }
    program_end_input(t.client);
    for (size_t i = 0; i < LINES; i++) {
        const char *what = lines[i][0] ? check_text(c, _("line %zu as a datagram"), i + 1)
                                       : check_text(c, _("line %zu, which is empty, as an empty datagram"), i + 1);
        mail_echo(c, t.server, mail_expect(c, t.server, lines[i], strlen(lines[i]), what));
        lab13_expect_printed(&t, lines[i], strlen(lines[i]));
    }
    lab13_expect_end(&t, 0);
    check_scene(c);
    t = lab13_talk(c); /* no line at all */
    lab13_expect_end(&t, 0);
}

/* --- largest -------------------------------------------------------------------------------------------------------- */

static char *long_line(const struct check *c, size_t size)
{
    char *line = xmalloc(size);
    pattern_fill(line, size, c->seed | PATTERN_TEXT, 0);
    for (size_t i = 0; i < size; i++)
        line[i] = line[i] == '\n' ? ' ' : line[i];
    return line;
}

void lab13_ask_largest(struct check *c)
{
    char *line = long_line(c, 2 * DATAGRAM_MAX);
    struct talk t = lab13_talk(c);
    lab13_exchange(&t, line, 1473);
    lab13_exchange(&t, line, DATAGRAM_MAX);
    lab13_type(&t, line, DATAGRAM_MAX + 1);
    lab13_expect_printed(&t, "no answer", strlen("no answer"));
    lab13_type(&t, line, 2 * DATAGRAM_MAX);
    lab13_expect_printed(&t, "no answer", strlen("no answer"));
    free(line);
    exchange_text(&t, "small again");
    lab13_expect_end(&t, 1);
}

/* --- by-name -------------------------------------------------------------------------------------------------------- */

static bool has_room(const struct check *c)
{
    return c->sandbox->level == SANDBOX_LEVEL_FULL;
}

/** Mailboxes of one server with several addresses. */
enum { ADDRESSES_MAX = 4 };
struct site {
    struct mailbox *box[ADDRESSES_MAX];
    size_t boxes;
};

static bool has_mail(struct check *c, void *argument)
{
    (void)c;
    const struct site *site = argument;
    for (size_t i = 0; i < site->boxes; i++)
        if (site->box[i]->taken < site->box[i]->came)
            return true;
    return false;
}

/** One line, answered by whichever address is asked first. */
static void ask_site(struct check *c, struct site *site, const char *host, const char *port)
{
    struct talk t = {.client = lab13_ask(c, host, port), .server = site->box[0]};
    lab13_type(&t, "which way?", strlen("which way?"));
    check_wait(c, has_mail, site); /* nobody is asked: mail_expect() says so */
    for (size_t i = 0; i < site->boxes; i++)
        if (site->box[i]->taken < site->box[i]->came)
            t.server = site->box[i];
    mail_echo(c, t.server, mail_expect(c, t.server, "which way?", strlen("which way?"), _("this line as a datagram")));
    lab13_expect_printed(&t, "which way?", strlen("which way?"));
    lab13_expect_end(&t, 0);
    check_scene(c);
}

static void ask_by_host(struct check *c, const char *host, const char *const *address, size_t addresses)
{
    struct site site = {.boxes = addresses};
    unsigned port = check_port(c);
    for (size_t i = 0; i < addresses; i++)
        site.box[i] = mail_open_at(c, check_text(c, _("server at %s"), address[i]), address[i], port);
    ask_site(c, &site, host, check_text(c, "%u", port));
}

static void expect_unknown(struct check *c, const char *host, const char *port, const char *sentence)
{
    struct program *client = lab13_ask(c, host, port);
    program_end_input(client);
    program_expect_exit(client, 1);
    if (client->errors.length == 0)
        check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH}, "%s", sentence);
    check_scene(c);
}

void lab13_run_by_name(struct check *c)
{
    static const char *const both[] = {"::1", "127.0.0.1"};
    static const char *const many[] = {"127.0.0.2", "127.0.0.3", "127.0.0.4"};
    if (!has_room(c)) {
        ask_by_host(c, "localhost", both, 2);
        return;
    }
    ask_by_host(c, SANDBOX_HOST, &both[1], 1);
    ask_by_host(c, "::1", both, 1);
    ask_by_host(c, SANDBOX_HOST_BOTH, both, 2);
    ask_by_host(c, SANDBOX_HOST_MANY, many, 3);
    struct site site = {.box = {mail_open_at(c, _("server"), "127.0.0.1", SANDBOX_SERVICE_UDP_PORT)}, .boxes = 1};
    ask_site(c, &site, "127.0.0.1", SANDBOX_SERVICE_UDP);
    expect_unknown(c, SANDBOX_HOST_NONE, "4000", _("Nobody knows this host, and the client does not say so."));
    expect_unknown(c, "127.0.0.1", "no-such-service",
                   _("Nobody knows the service no-such-service, and the client does not say so."));
}
