/**
 * @file ladder.c
 * The drawing of a conversation: its memory, its words, and whether it is one.
 */
#include "core/ladder.h"

#include <stdlib.h>
#include <string.h>

struct ladder_row *ladder_add(struct ladder *l)
{
    if (l->rows == LADDER_ROWS)
        return NULL;
    if (!l->row)
        l->row = xcalloc(LADDER_ROWS, sizeof l->row[0]);
    struct ladder_row *row = &l->row[l->rows++];
    *row = (struct ladder_row){.since = LADDER_NOWHERE, .to = LADDER_NOWHERE};
    return row;
}

void ladder_free(struct ladder *l)
{
    for (size_t i = 0; i < l->rows; i++) {
        free(l->row[i].who);
        free(l->row[i].text);
        free(l->row[i].file);
        free(l->row[i].source);
        free(l->row[i].load);
    }
    for (size_t i = 0; i < LADDER_LANES; i++)
        free(l->lane[i]);
    free(l->row);
    *l = (struct ladder){0};
}

static bool is_sound_row(const struct ladder *l, int at)
{
    const struct ladder_row *row = &l->row[at];

    if (row->lane < 0 || row->lane >= LADDER_LANES || (unsigned)row->kind >= LADDER_KINDS || !row->text)
        return false;
    if ((unsigned)row->travel >= TRAVEL_KINDS || row->line < 0 || row->since >= at || row->since < LADDER_NOWHERE)
        return false;
    if (row->since >= 0 && l->row[row->since].lane != row->lane)
        return false;
    if (row->to == LADDER_NOWHERE)
        return true;
    if (row->travel == TRAVEL_NOTHING || row->to < at || row->to >= (int)l->rows)
        return false;
    return row->to == at || l->row[row->to].lane != row->lane;
}

bool ladder_is_sound(const struct ladder *l)
{
    if (l->rows > LADDER_ROWS)
        return false;
    for (size_t i = 0; i < l->rows; i++) {
        if (!is_sound_row(l, (int)i))
            return false;
    }
    return true;
}

/* --- words -------------------------------------------------------------------------------------------- */

static const char *const kind_word[LADDER_KINDS] = {
    [LADDER_CALL] = "call",     [LADDER_ACT] = "act", [LADDER_NOTE] = "note",
    [LADDER_SIGNAL] = "signal", [LADDER_END] = "end", [LADDER_GAP] = "gap",
    [LADDER_STOP] = "stop",
};

static const char *const travel_word[TRAVEL_KINDS] = {
    [TRAVEL_NOTHING] = "nothing", [TRAVEL_CONNECTION] = "connection", [TRAVEL_BYTES] = "bytes",
    [TRAVEL_END] = "end",         [TRAVEL_RESET] = "reset",
};

/* The index of a word in a table, or the table's size. */
static size_t find_word(const char *const *table, size_t size, const char *word)
{
    size_t i = 0;

    while (i < size && strcmp(table[i], word) != 0)
        i++;
    return i;
}

const char *ladder_kind_word(enum ladder_kind kind)
{
    if ((unsigned)kind >= LADDER_KINDS)
        BUG("no kind of row %d", (int)kind);
    return kind_word[kind];
}

enum ladder_kind ladder_kind_of(const char *word)
{
    return (enum ladder_kind)find_word(kind_word, LADDER_KINDS, word);
}

const char *ladder_travel_word(enum ladder_travel travel)
{
    if ((unsigned)travel >= TRAVEL_KINDS)
        BUG("no kind of travel %d", (int)travel);
    return travel_word[travel];
}

enum ladder_travel ladder_travel_of(const char *word)
{
    return (enum ladder_travel)find_word(travel_word, TRAVEL_KINDS, word);
}
