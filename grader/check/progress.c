/**
 * @file progress.c
 * Whether programs that run get anywhere. A program that burns the processor, or makes calls, and moves nothing that others
 * see is at work in vain: it spins.
 */
#include "check/internal.h"

#include "peer/mailbox.h"

enum { CALLS_IN_VAIN = 5000 }; /* recorded calls without a byte or a connection moving */

static const int64_t spin_cpu = INT64_C(1000000000); /* ns of processor time without progress */

uint64_t progress_so_far(const struct check *c)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < c->programs; i++) {
        const struct program *p = c->program[i];
        /* Not stderr: complaints are no progress. Nor is output that is too much to be kept: it never ends. */
        sum += (p->pattern_out ? p->received : p->output.length) + p->ended;
        sum += p->pattern_in_at - p->in_left.length;
    }
    for (size_t i = 0; i < c->peers; i++)
        sum += c->peer[i]->sent + c->peer[i]->received + c->peer[i]->state + c->peer[i]->end;
    for (size_t i = 0; i < c->mailboxes; i++)
        sum += c->mailbox[i]->came;
    return sum + tracer_received(c->tracer);
}

size_t progress_calls(const struct check *c)
{
    return c->timeline->count + c->timeline->dropped;
}

bool progress_is_over(struct check *c, struct watch *watch, const struct look *look, bool resting)
{
    uint64_t now = progress_so_far(c);
    if (now != watch->progress || watch->cpu < 0) {
        *watch = (struct watch){.progress = now, .cpu = look->cpu, .calls = progress_calls(c)};
        return false;
    }
    int64_t cpu = look->cpu - watch->cpu;
    size_t calls = progress_calls(c) - watch->calls;
    /* Whoever was found to spin once is not watched for so long again, when it is only to come to rest. */
    int64_t cpu_most = c->restless && resting ? spin_cpu / 20 : spin_cpu;
    size_t calls_most = c->restless && resting ? CALLS_IN_VAIN / 20 : CALLS_IN_VAIN;
    if (!watch->halfway && (cpu > cpu_most / 2 || calls > calls_most / 2)) {
        watch->queued = network_queued();
        watch->halfway = true;
        return false;
    }
    if (cpu <= cpu_most && calls <= calls_most)
        return false;
    if (network_queued() == watch->queued)
        return true;
    *watch = (struct watch){.progress = now, .cpu = look->cpu, .calls = progress_calls(c)};
    return false;
}
