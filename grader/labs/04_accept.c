/**
 * @file 04_accept.c
 * Lab 04, one door, many conversations: hello_server. ../shared/LABS.md is its specification.
 */
#include "labs/labs.h"

#include <netinet/in.h>
#include <string.h>

static const char greeting[] = "Hello World!\n";

static void greet(struct check *c, struct program *server, unsigned port)
{
    (void)server;
    struct peer *client = client_dial(c, port);
    peer_expect(c, client, greeting, strlen(greeting));
    peer_expect_end(c, client);
    peer_close(client);
}

static void run_greets(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    greet(c, server, port);
}

static const struct check_spec checks[] = {
    {"builds", 5, N_("It compiles and links"), N_("h"), N_("w"), "04-accept#lab04-builds", NULL, 0},
    {"warnings", 5, N_("No warnings"), N_("h"), N_("w"), "04-accept#lab04-warnings", NULL, 0},
    {"greets", 90, N_("Exactly thirteen bytes"), N_("h"), N_("w"), "04-accept#lab04-greets", run_greets, 0},
};

static const char *const hand_in[] = {"hello_server.c", NULL};
static const char *const reference[] = {"hello_server", NULL};
static const struct build_program programs[] = {{"hello_server", {"hello_server.c", NULL}, false}};

const struct lab lab_04_accept = {
    .id = "04-accept", .number = 4, .title = N_("One door, many conversations"),
    .build = {.hand_in = hand_in, .program = programs, .programs = 1},
    .check = checks, .checks = sizeof(checks) / sizeof(checks[0]), .reference = reference,
};
