/*
 * patience WAIT: waits in one call under a time-out of its socket's, or for a connection, and is killed.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int door, ours, theirs;

static void limit(int fd, int option)
{
    struct timeval minute = {.tv_sec = 60};
    if (setsockopt(fd, SOL_SOCKET, option, &minute, sizeof minute) < 0)
        err(81, "setsockopt");
}

/* Both ends of a connection to ourselves; its door has a time-out of its own first, if asked. */
static void meet(int option)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof in;
    door = socket(AF_INET, SOCK_STREAM, 0);
    ours = socket(AF_INET, SOCK_STREAM, 0);
    if (option)
        limit(door, option);
    if (bind(door, (struct sockaddr *)&in, length) < 0 || listen(door, 4) < 0 ||
        getsockname(door, (struct sockaddr *)&in, &length) < 0 || connect(ours, (struct sockaddr *)&in, length) < 0)
        err(82, "meet");
    theirs = accept(door, NULL, NULL);
    if (theirs < 0)
        err(83, "accept");
}

static void read_one(int fd)
{
    char byte;
    recv(fd, &byte, 1, 0);
}

static void write_all(int fd)
{
    static char bytes[1 << 20];
    while (send(fd, bytes, sizeof bytes, 0) > 0)
        continue;
}

static void poll_two(int first, int second)
{
    struct pollfd fd[] = {{.fd = first, .events = POLLIN}, {.fd = -1}, {.fd = second, .events = POLLIN}};
    poll(fd, 3, 60000);
}

static void select_two(int first, int second)
{
    struct timeval minute = {.tv_sec = 60};
    fd_set in, out;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(first, &in);
    FD_SET(second, &in);
    select(10, &in, &out, NULL, &minute);
}

static void alarm_repeats(void)
{
    struct itimerval hourly = {.it_value.tv_sec = 60, .it_interval.tv_sec = 3600};
    meet(0);
    setitimer(ITIMER_REAL, &hourly, NULL);
    read_one(theirs);
}

static void alarm_of_parent(void)
{
    meet(0);
    alarm(60);
    if (fork() == 0)
        read_one(theirs);
    else
        pause();
}

static void nothing_set(void) { meet(0); read_one(theirs); }
static void receive_limit(void) { meet(0); limit(theirs, SO_RCVTIMEO); read_one(theirs); }
static void send_limit_reads(void) { meet(0); limit(theirs, SO_SNDTIMEO); read_one(theirs); }
static void send_limit(void) { meet(0); limit(theirs, SO_SNDTIMEO); write_all(theirs); }
static void receive_limit_writes(void) { meet(0); limit(theirs, SO_RCVTIMEO); write_all(theirs); }
static void inherited(void) { meet(SO_RCVTIMEO); read_one(theirs); }
static void not_inherited(void) { meet(SO_RCVTIMEO); read_one(ours); }
static void at_the_door(void) { meet(SO_RCVTIMEO); accept(door, NULL, NULL); }
static void alarm_set(void) { meet(0); alarm(60); read_one(theirs); }
static void alarm_unset(void) { meet(0); alarm(60); alarm(0); read_one(theirs); }
static void polls_both_ends(void) { meet(0); poll_two(ours, theirs); }
static void polls_door(void) { meet(0); poll_two(theirs, door); }
static void polls_input(void) { meet(0); poll_two(0, theirs); }
static void selects_both_ends(void) { meet(0); select_two(ours, theirs); }
static void selects_door(void) { meet(0); select_two(door, theirs); }

static const struct {
    const char *name;
    void (*run)(void);
} waits[] = {
    {"nothing-set", nothing_set},
    {"receive-limit", receive_limit},
    {"send-limit-reads", send_limit_reads},
    {"send-limit", send_limit},
    {"receive-limit-writes", receive_limit_writes},
    {"inherited", inherited},
    {"not-inherited", not_inherited},
    {"at-the-door", at_the_door},
    {"alarm-set", alarm_set},
    {"alarm-unset", alarm_unset},
    {"alarm-repeats", alarm_repeats},
    {"alarm-of-parent", alarm_of_parent},
    {"polls-both-ends", polls_both_ends},
    {"polls-door", polls_door},
    {"polls-input", polls_input},
    {"selects-both-ends", selects_both_ends},
    {"selects-door", selects_door},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof waits / sizeof waits[0]; i++)
        if (strcmp(argv[1], waits[i].name) == 0)
            waits[i].run();
    return 99;
}
