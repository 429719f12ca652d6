/**
 * @file value.h
 * Words of a course's file -> values. A word that is none is refused with a sentence that says what is wanted; nothing is
 * guessed, so that `1.5` never becomes 1.
 *
 * Each returns 0, or -EINVAL with *message (caller frees).
 */
#ifndef SOCKLAB_VALUE_H
#define SOCKLAB_VALUE_H

#include "core/core.h"

/** Decimal digits and nothing else. */
int value_number(const char *text, int least, int most, int *out, char **message);
/** A number from 0 to 100, with or without a `%` behind it. */
int value_percent(const char *text, int *out, char **message);
/** A length of time in seconds: a number of `days`, `hours`, `minutes` (one of them: `day`...); without a word: days. */
int value_length(const char *text, int64_t *seconds, char **message);

/** Is there such a time zone (`Asia/Seoul`, tzfile(5))? */
int value_zone(const char *name, char **message);
/**
 * A time up to which something is in time: `2025-03-14 23:59`, with a `T` between, with seconds, with `Z` or an offset behind it
 * (RFC 3339), or a day alone, which lasts to its end. Without an offset it is in @p zone (NULL: then one is wanted). Where clocks go
 * back and a time comes twice, the later one.
 * @param last  the last second in time: of the minute, where no seconds are given
 * @param words the same for people, with the zone's short name (caller frees); may be NULL
 */
int value_time(const char *text, const char *zone, int64_t *last, char **words, char **message);

#endif
