/**
 * @file pattern.c
 * Long reproducible byte sequences that need no storage: byte number n can be computed alone.
 *
 * Eight bytes come out of one 64-bit mix (the finaliser of SplitMix64) of their number and the
 * seed. A program that drops, doubles or swaps a part of such a sequence cannot go unseen, which it
 * could with a short period such as 0, 1, ... 255.
 */
#include "peer/peer.h"

#include <string.h>

/*
 * Eight bytes at once: to letters and their like (0x40..0x7e), DEL to space, and one in 256 to
 * newline: lines of a length that a program which takes them one by one gets on with.
 */
static uint64_t to_text(uint64_t word)
{
    unsigned char byte[8];

    memcpy(byte, &word, sizeof byte);
    for (int i = 0; i < 8; i++) {
        unsigned char printable = (unsigned char)(0x40 | (byte[i] & 0x3f));
        byte[i] = byte[i] == 0xff ? '\n' : printable == 0x7f ? ' ' : printable;
    }
    memcpy(&word, byte, sizeof word);
    return word;
}

static uint64_t mix_word(uint64_t seed, uint64_t number)
{
    uint64_t z = ((seed & ~PATTERN_TEXT) + 1) * 0x9e3779b97f4a7c15u + number * 0xd1342543de82ef95u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return seed & PATTERN_TEXT ? to_text(z) : z;
}

unsigned char pattern_byte(uint64_t seed, uint64_t position)
{
    return (unsigned char)(mix_word(seed, position / 8) >> (8 * (position % 8)));
}

void pattern_fill(void *bytes, size_t size, uint64_t seed, uint64_t position)
{
    unsigned char *to = bytes;
    uint64_t word = mix_word(seed, position / 8);

    for (size_t i = 0; i < size; i++, position++) {
        if (i > 0 && position % 8 == 0)
            word = mix_word(seed, position / 8);
        to[i] = (unsigned char)(word >> (8 * (position % 8)));
    }
}
