/**
 * @file place.h
 * Where in a file of YAML something stands. libcyaml fills structs and forgets the lines; libyaml's tree of the same file
 * keeps them.
 */
#ifndef SOCKLAB_PLACE_H
#define SOCKLAB_PLACE_H

#include "core/core.h"

/** A position in a file, both from 1. */
struct spot {
    size_t line, column;
};

struct places; /* a file's tree */

/**
 * Reads a file's bytes into a tree. 0; -EBADMSG with *where and *message (a sentence, caller frees) for what is no YAML, for two
 * documents in one file, and for a key that a mapping has twice.
 */
int places_read(const void *bytes, size_t size, struct places **out, struct spot *where, char **message);
void places_free(struct places *p);

/**
 * Where the value at a path stands: keys with `/` between, a number from 0 for an entry of a list ("labs/04-accept/extensions/1/due").
 * Where the path leads on to nothing, the place of its last part that is there.
 */
struct spot places_find(struct places *p, const char *path);
/** Where a key stands, whatever mapping it is in: the first at or behind @p from; @p from if there is none. */
struct spot places_find_key(struct places *p, const char *key, struct spot from);
/** Is there nothing in the file but comments? */
bool places_is_empty(struct places *p);

#endif
