/**
 * @file crowd.c
 * The people in a room. They speak in pieces that the seed chooses, in turns, and then all at once; one condition on the
 * event loop hears them all.
 */
#include "check/crowd.h"
#include "check/internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
    QUEUE = 5,      /* the backlog that every server has at least */
    OTHERS = 64,    /* descriptors of this process that are no clients */
    HEARD_SHOWN = 60,
};

unsigned crowd_size(struct check *c, unsigned wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted + OTHERS)
        return wanted;
    limit.rlim_cur = limit.rlim_max < wanted + OTHERS ? limit.rlim_max : wanted + OTHERS;
    setrlimit(RLIMIT_NOFILE, &limit); /* up to the hard limit it is allowed to everybody */
    if (limit.rlim_cur >= wanted + OTHERS)
        return wanted;
    unsigned most = limit.rlim_cur > OTHERS ? (unsigned)limit.rlim_cur - OTHERS : 1;
    check_warn(c, &(struct failure){.waits = false}, _("This process may have %llu descriptors open (ulimit -Hn), so %u clients came instead of %u."),
               (unsigned long long)limit.rlim_cur, most, wanted);
    return most;
}

/** All who have come are in the room. A machine that is too busy for it must not look like a line that was lost. */
static void await_admission(struct check *c)
{
    if (check_rest(c) == WAIT_DEADLINE)
        failure_of_wait(c, WAIT_DEADLINE, _("so many clients should be let in"), NULL);
}

/** The next ones come, as many as the queue has room for. */
static void come(struct crowd *crowd, unsigned *here)
{
    for (unsigned i = 0; i < QUEUE && *here < crowd->people; i++)
        crowd->person[(*here)++] = client_dial(crowd->check, crowd->server->port);
}

struct crowd *crowd_gather(struct program *server, unsigned people)
{
    struct check *c = server->check;
    struct crowd *crowd = xcalloc(1, sizeof(*crowd));
    *crowd = (struct crowd){.check = c, .server = server, .people = people};
    crowd->person = xcalloc(people, sizeof(crowd->person[0]));
    ledger_open(&crowd->ledger, people);
    /* The first ones stand in the queue together, however fast the server is, and are let in before a thread of theirs runs. */
    struct fault *born = check_fault(c, (struct fault){.actor = server->actor, .group = CALL_FORK, .what = FAULT_HOLD_NEW});
    struct fault *hold = check_fault(c, (struct fault){.actor = server->actor, .group = CALL_ACCEPT,
                                                       .fd_kinds = 1 << FD_LISTENER, .count = 1, .what = FAULT_HOLD});
    unsigned here = 0;
    come(crowd, &here);
    check_await_held(c, hold);
    check_unfault(c, hold);
    await_admission(c);
    check_unfault(c, born);
    await_admission(c);
    while (here < people) {
        come(crowd, &here);
        await_admission(c);
    }
    return crowd;
}

/* --- speaking ---------------------------------------------------------------------------------------------- */

/** What somebody is going to say, and how much of it is said. */
struct speech {
    struct peer *speaker;
    struct buf text;
    size_t at;
};

/** The seed's order of all people: the first ones speak. */
static unsigned *shuffle(const struct check *c, unsigned people)
{
    unsigned *order = xcalloc(people, sizeof(order[0]));
    for (unsigned i = 0; i < people; i++) {
        unsigned k = check_random(c, i, i + 1);
        order[i] = order[k];
        order[k] = i;
    }
    return order;
}

static struct speech *write_speeches(struct crowd *crowd, unsigned speakers, unsigned lines)
{
    struct speech *speech = xcalloc(speakers, sizeof(speech[0]));
    unsigned *order = shuffle(crowd->check, crowd->people);
    for (unsigned i = 0; i < speakers; i++) {
        speech[i].speaker = crowd->person[order[i]];
        for (unsigned k = 0; k < lines; k++) {
            char line[LEDGER_LINE_MAX];
            buf_add(&speech[i].text, line, ledger_say(&crowd->ledger, order[i], line));
        }
    }
    free(order);
    return speech;
}

/** Says the next piece, if there is more to say. */
static void speak(struct speech *s, size_t most)
{
    size_t left = s->text.length - s->at;
    size_t size = most < left ? most : left;
    if (size == 0)
        return;
    peer_send(s->speaker, s->text.data + s->at, size);
    s->at += size;
}

/* --- hearing ----------------------------------------------------------------------------------------------- */

/** Takes the whole lines that have come to one person. False at the first one that is wrong. */
static bool hear(struct crowd *crowd, unsigned listener)
{
    struct buf *in = &crowd->person[listener]->in;
    size_t at = 0;
    const char *newline;
    while (at < in->length && (newline = memchr((const char *)in->data + at, '\n', in->length - at))) {
        size_t size = (size_t)(newline - ((const char *)in->data + at)) + 1;
        crowd->wrong = ledger_hear(&crowd->ledger, listener, in->data + at, size, &crowd->speaker);
        if (crowd->wrong != LEDGER_RIGHT) {
            struct buf quoted = {0};
            buf_quote(&quoted, in->data + at, size, HEARD_SHOWN);
            crowd->heard = buf_take(&quoted);
            crowd->listener = listener;
            return false;
        }
        at += size;
    }
    buf_consume(in, at);
    return true;
}

static bool is_gone(const struct peer *p)
{
    return p->end || p->state == PEER_CLOSED;
}

/** All is heard, or something is wrong. */
static bool all_heard(struct check *c, void *argument)
{
    struct crowd *crowd = argument;
    (void)c;
    for (unsigned i = 0; i < crowd->people; i++)
        if (!hear(crowd, i) || is_gone(crowd->person[i]))
            return true;
    return crowd->ledger.owed == 0;
}

static void fail_wrong(struct crowd *crowd) __attribute__((noreturn));

static void fail_wrong(struct crowd *crowd)
{
    struct check *c = crowd->check;
    const char *listener = crowd->person[crowd->listener]->name;
    const char *speaker = crowd->speaker < crowd->people ? crowd->person[crowd->speaker]->name : "";
    struct failure failure = {.verdict = VERDICT_MISMATCH, .actual = crowd->heard};
    failure_blame_writes(c, &failure);
    switch (crowd->wrong) {
    case LEDGER_OWN:
        check_fail(c, &failure, _("%s received its own line. A line goes to all the others."), listener);
    case LEDGER_TWICE:
        check_fail(c, &failure, _("%s received a line of %s for the second time."), listener, speaker);
    case LEDGER_EARLY:
        check_fail(c, &failure, _("%s received a line of %s and has not received the one before it."), listener, speaker);
    default:
        check_fail(c, &failure, _("%s received a line that nobody has sent: it is cut, or it is mixed with another one."),
                   listener);
    }
}

/** Somebody's connection is over in the middle of it. */
static void fail_gone(struct crowd *crowd, const struct peer *p) __attribute__((noreturn));

static void fail_gone(struct crowd *crowd, const struct peer *p)
{
    struct check *c = crowd->check;
    failure_of_end(c, true, check_text(c, _("%s waits for the lines of the others"), p->name));
    check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH},
               p->error ? _("The connection of %s was reset while it was waiting for the lines of the others.")
                        : _("The connection of %s was closed while it was waiting for the lines of the others."),
               p->name);
}

static void fail_missing(struct crowd *crowd, enum wait_end end) __attribute__((noreturn));

static void fail_missing(struct crowd *crowd, enum wait_end end)
{
    struct check *c = crowd->check;
    const struct ledger *l = &crowd->ledger;
    unsigned listener = 0, speaker = 0;
    if (!ledger_missing(l, &listener, &speaker))
        BUG("lines are missing and nobody misses them");
    unsigned have = l->heard[(size_t)listener * l->people + speaker];
    failure_of_wait(c, end,
                    check_text(c, _("%s has said %u lines, of which %s has received %u"), crowd->person[speaker]->name,
                               (unsigned)l->said[speaker], crowd->person[listener]->name, have),
                    NULL);
}

static void expect_all_heard(struct crowd *crowd)
{
    struct check *c = crowd->check;
    enum wait_end end = check_wait(c, all_heard, crowd);
    if (crowd->wrong != LEDGER_RIGHT)
        fail_wrong(crowd);
    for (unsigned i = 0; i < crowd->people; i++)
        if (is_gone(crowd->person[i]))
            fail_gone(crowd, crowd->person[i]);
    if (crowd->ledger.owed > 0)
        fail_missing(crowd, end);
}

/** What is more than all. */
static void expect_nothing_more(struct crowd *crowd)
{
    struct check *c = crowd->check;
    check_rest(c);
    for (unsigned i = 0; i < crowd->people; i++) {
        if (!hear(crowd, i))
            fail_wrong(crowd);
        struct peer *p = crowd->person[i];
        if (is_gone(p))
            fail_gone(crowd, p);
        if (p->in.length == 0)
            continue;
        struct buf quoted = {0};
        buf_quote(&quoted, p->in.data, p->in.length, HEARD_SHOWN);
        struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = _("nothing more"),
                                  .actual = buf_take(&quoted)};
        failure_blame_writes(c, &failure);
        check_fail(c, &failure, _("%s has received all lines, and then more."), p->name);
    }
}

/** Everybody says a piece, in turns. All is at rest before the next turn, so each is a read, and what a read brings is no line. */
static void speak_in_pieces(struct check *c, struct speech *speech, unsigned speakers)
{
    enum { TURNS = 3, PIECE_MAX = 60 };
    for (unsigned turn = 0; turn < TURNS; turn++) {
        for (unsigned i = 0; i < speakers; i++)
            speak(&speech[i], 1 + check_random(c, turn * speakers + i, PIECE_MAX));
        check_rest(c);
    }
}

void crowd_talk(struct crowd *crowd, unsigned speakers, unsigned lines)
{
    struct check *c = crowd->check;
    struct speech *speech = write_speeches(crowd, speakers, lines);
    speak_in_pieces(c, speech, speakers);
    /* Then all of them at once, each in one piece: what a read brings is several lines, while the others' are relayed. */
    for (unsigned i = 0; i < speakers; i++) {
        speak(&speech[i], SIZE_MAX);
        buf_free(&speech[i].text);
    }
    free(speech);
    expect_all_heard(crowd);
    expect_nothing_more(crowd);
}

void crowd_leave(struct crowd *crowd)
{
    for (unsigned i = 0; i < crowd->people; i++)
        peer_half_close(crowd->person[i]);
    for (unsigned i = 0; i < crowd->people; i++) {
        peer_expect_end(crowd->check, crowd->person[i]);
        peer_close(crowd->person[i]);
    }
    crowd->people = 0;
}
