/**
 * @file words.c
 * What a peer did and saw, as the events that a student reads as numbered steps.
 *
 * A transfer is one event however many sends or receives it took: where the kernel cut it is luck,
 * and 8 MiB would be thousands of steps. A run of sends lasts while bytes wait to be sent; a run of
 * receives lasts until the peer does or sees something else.
 */
#include "peer/internal.h"

#include <string.h>

enum {
    SHOWN_BYTES = 64,  /* of a quoted transfer */
    SHOWN_UPTO = 4096, /* a longer transfer is only counted */
};

struct event *peer_say(struct peer *p)
{
    peer_run_end(&p->receiving);
    return timeline_add(p->timeline, EVENT_PEER, p->actor);
}

struct event *peer_say_flow(struct peer *p, enum event_flow flow)
{
    struct event *e = peer_say(p);

    e->flow = flow;
    return e;
}

void peer_run_end(struct peer_run *run)
{
    *run = (struct peer_run){0};
}

static void run_add(struct peer_run *run, const void *bytes, size_t size)
{
    size_t room = sizeof run->head - run->head_length;
    size_t keep = size < room ? size : room;

    run->bytes += size;
    if (!bytes)
        run->plain = true;
    if (run->plain)
        return;
    memcpy(run->head + run->head_length, bytes, keep);
    run->head_length += keep;
}

/* `: "hello"`, or nothing where bytes would tell nobody anything. */
static void quote_run(struct buf *text, const struct peer_run *run)
{
    if (run->plain || run->bytes > SHOWN_UPTO)
        return;
    buf_puts(text, ": ");
    buf_quote(text, run->head, run->head_length, SHOWN_BYTES);
}

static void finish_run(struct peer_run *run)
{
    event_data(run->event, run->head, run->head_length, (size_t)run->bytes);
    run->event->time_end = clock_now();
}

void peer_tell_sent(struct peer *p, const void *bytes, size_t size)
{
    struct peer_run *run = &p->sending;
    unsigned long left = (unsigned long)peer_unsent(p);
    struct buf quoted = {0};

    if (!run->event)
        run->event = peer_say_flow(p, FLOW_SENDS);
    run_add(run, bytes, size);
    quote_run(&quoted, run);
    unsigned long sent = (unsigned long)run->bytes;
    if (left)
        event_text(run->event, _("%s sends %lu of %lu bytes%s"), p->name, sent, sent + left,
                   buf_text(&quoted));
    else if (p->piece && p->piece < sent)
        event_text(run->event, _("%s sends %lu bytes in pieces of %zu%s"), p->name, sent, p->piece,
                   buf_text(&quoted));
    else
        event_text(run->event, ngettext("%s sends %lu byte%s", "%s sends %lu bytes%s", sent),
                   p->name, sent, buf_text(&quoted));
    finish_run(run);
    buf_free(&quoted);
}

void peer_tell_received(struct peer *p, const void *bytes, size_t size)
{
    struct peer_run *run = &p->receiving;
    struct buf quoted = {0};

    if (!run->event)
        run->event = peer_say_flow(p, FLOW_RECEIVES);
    run_add(run, bytes, size);
    quote_run(&quoted, run);
    unsigned long got = (unsigned long)run->bytes;
    event_text(run->event, ngettext("%s receives %lu byte%s", "%s receives %lu bytes%s", got),
               p->name, got, buf_text(&quoted));
    finish_run(run);
    buf_free(&quoted);
}

/*
 * A run of echoes ends when all is back and somebody else did something: a program got its next
 * line, or printed. Its calls do not count, there may be thousands.
 */
static bool echo_is_over(struct peer *p)
{
    const struct timeline *t = p->timeline;

    for (; p->echo_scanned < t->count; p->echo_scanned++) {
        const struct event *e = t->event[p->echo_scanned];
        if (e->seq > p->receiving.event->seq && e->kind != EVENT_CALL)
            return true;
    }
    return false;
}

void peer_tell_echo(struct peer *p, const void *bytes, size_t size, size_t back)
{
    struct peer_run *run = &p->receiving;
    struct buf quoted = {0};

    if (run->event && size > 0 && peer_sent(p) && echo_is_over(p))
        peer_run_end(run);
    if (!run->event) {
        run->event = peer_say_flow(p, FLOW_ECHOES);
        p->echoed = 0;
    }
    if (size > 0)
        run_add(run, bytes, size);
    p->echoed += back;
    quote_run(&quoted, run);
    if (run->bytes > 0)
        event_text(run->event,
                   ngettext("%s receives %llu byte%s and has sent %llu back",
                            "%s receives %llu bytes%s and has sent %llu back",
                            (unsigned long)run->bytes),
                   p->name, (unsigned long long)run->bytes, buf_text(&quoted),
                   (unsigned long long)p->echoed);
    else
        event_text(run->event, _("%s sends %llu bytes back"), p->name,
                   (unsigned long long)p->echoed);
    run->event->value = (int64_t)p->echoed;
    finish_run(run);
    buf_free(&quoted);
}

const char *address_text(struct buf *text, const struct sockaddr_storage *address, socklen_t length)
{
    buf_clear(text);
    buf_add_address(text, (const struct sockaddr *)address, length);
    return buf_text(text);
}
