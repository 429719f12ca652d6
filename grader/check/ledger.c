/**
 * @file ledger.c
 * Who has heard what. A line says whose it is and which: "17/4 " and letters that follow from both numbers, so that a
 * line that is cut, or put together of two, is nobody's.
 */
#include "check/crowd.h"
#include "core/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ledger_open(struct ledger *l, unsigned people)
{
    *l = (struct ledger){.people = people};
    l->said = xcalloc(people, sizeof(l->said[0]));
    l->heard = xcalloc((size_t)people * people, sizeof(l->heard[0]));
}

void ledger_close(struct ledger *l)
{
    free(l->said);
    free(l->heard);
    *l = (struct ledger){0};
}

/** Line number @p number, from 0, of a person. */
static size_t write_line(char line[LEDGER_LINE_MAX], unsigned speaker, unsigned number)
{
    enum { LETTERS = 61 };
    int at = snprintf(line, LEDGER_LINE_MAX, "%u/%u ", speaker + 1, number + 1);
    unsigned x = speaker * 2654435761u + number * 40503u;
    unsigned letters = x % LETTERS;
    for (unsigned i = 0; i < letters; i++, x = x * 1664525u + 1013904223u)
        line[at++] = (char)('a' + (x >> 24) % 26);
    line[at++] = '\n';
    return (size_t)at;
}

size_t ledger_say(struct ledger *l, unsigned speaker, char line[LEDGER_LINE_MAX])
{
    l->owed += l->people - 1;
    return write_line(line, speaker, l->said[speaker]++);
}

/** Reads "17/4 " from the front. */
static bool read_head(const char *line, size_t size, unsigned *speaker, unsigned *number)
{
    char head[24] = "";
    int end = 0;
    memcpy(head, line, size < sizeof(head) - 1 ? size : sizeof(head) - 1);
    return sscanf(head, "%5u/%5u %n", speaker, number, &end) == 2 && end > 0;
}

enum ledger_word ledger_hear(struct ledger *l, unsigned listener, const void *line, size_t size, unsigned *speaker)
{
    unsigned who = 0, number = 0;
    char should[LEDGER_LINE_MAX];
    *speaker = l->people;
    if (!read_head(line, size, &who, &number) || who < 1 || who > l->people || number < 1 || number > l->said[who - 1])
        return LEDGER_NOBODYS;
    who--;
    number--;
    if (write_line(should, who, number) != size || memcmp(should, line, size) != 0)
        return LEDGER_NOBODYS;
    *speaker = who;
    if (who == listener)
        return LEDGER_OWN;
    uint16_t *heard = &l->heard[(size_t)listener * l->people + who];
    if (number < *heard)
        return LEDGER_TWICE;
    if (number > *heard)
        return LEDGER_EARLY;
    ++*heard;
    l->owed--;
    return LEDGER_RIGHT;
}

bool ledger_missing(const struct ledger *l, unsigned *listener, unsigned *speaker)
{
    for (unsigned a = 0; a < l->people; a++)
        for (unsigned b = 0; b < l->people; b++) {
            if (a == b || l->heard[(size_t)a * l->people + b] == l->said[b])
                continue;
            *listener = a;
            *speaker = b;
            return true;
        }
    return false;
}
