/**
 * @file near.c
 * Names that are nearly right. One file that can only be meant is taken; between two that differ a person chooses.
 */
#include "class/choice.h"

#include <string.h>
#include <strings.h>

enum { STEM_LEAST = 5 }; /* letters: "io" is in too many words */

static bool is_source(const char *base)
{
    size_t length = strlen(base);
    return length > 2 && strcasecmp(base + length - 2, ".c") == 0;
}

static bool is_taken(const struct choice *c, size_t index)
{
    for (size_t i = 0; i < c->s->files; i++)
        if (c->taken[i] == index)
            return true;
    return false;
}

/* Can a student have meant `wanted`? "Hello-Server (1).c", "20261234_hello_server_final.c". */
static bool is_near(const char *wanted, const char *base)
{
    size_t stem = strcspn(wanted, ".");

    if (build_name_distance(wanted, base) != SIZE_MAX)
        return true;
    for (const char *at = base; stem >= STEM_LEAST && *at; at++)
        if (strncasecmp(at, wanted, stem) == 0)
            return is_source(base);
    return false;
}

/* One that could be `wanted`; with `any`, whatever C file it is. SIZE_MAX for none; *two when there are several that differ. */
static size_t find_near(const struct choice *c, const char *wanted, bool any, bool *two)
{
    size_t found = SIZE_MAX, exact = SIZE_MAX;

    for (size_t i = 0; i < c->pieces->count; i++) {
        const struct piece *piece = &c->pieces->item[i];
        const char *base = path_base(piece->path);
        if (piece->kind != PIECE_FILE || piece->state == PIECE_NAMED || is_taken(c, i) || build_takes(&c->lab->build, base) ||
            strncmp(base, "test_", 5) == 0 || !(any ? is_source(base) : is_near(wanted, base)))
            continue;
        /* Only case and marks differ: nothing else can be nearer. */
        if (build_name_distance(wanted, base) == 0) {
            *two = exact != SIZE_MAX && !piece_is_same(piece, &c->pieces->item[exact]);
            exact = exact == SIZE_MAX ? i : exact;
        } else if (exact == SIZE_MAX) {
            *two = *two || (found != SIZE_MAX && !piece_is_same(piece, &c->pieces->item[found]));
            found = found == SIZE_MAX ? i : found;
        }
    }
    return exact != SIZE_MAX ? exact : found;
}

void choice_take_near(struct choice *c)
{
    const char *const *hand_in = c->lab->build.hand_in;
    bool only_one = hand_in[0] && !hand_in[1];

    for (const char *const *name = hand_in; *name && !c->two; name++) {
        if (choice_has(c, *name))
            continue;
        size_t index = find_near(c, *name, false, &c->two);
        if (index == SIZE_MAX && only_one)
            index = find_near(c, *name, true, &c->two);
        if (index == SIZE_MAX)
            continue;
        const char *shown = choice_show(c, c->pieces->item[index].path);
        if (c->two)
            choice_remark(c, _("%s is missing, and several files could be meant by it: %s is one of them."), *name, shown);
        else
            choice_remark(c, _("%s is missing; %s was taken for it."), *name, shown);
        choice_take(c, index, *name);
        c->renamed = true;
    }
}
