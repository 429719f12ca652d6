/**
 * @file utf8.c
 * UTF-8 without a locale: what is a letter, and how many columns it takes.
 *
 * mbrtowc(3) and wcwidth(3) answer by the locale, and a grader's output must not depend on whether
 * the machine has one installed.
 */
#include "core/core.h"

struct range {
    uint32_t first;
    uint32_t last;
};

/* Code points that steer a terminal or turn the reading direction, or that are not characters. */
static const struct range unprintable[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad},   {0x034f, 0x034f},    {0x061c, 0x061c},
    {0x115f, 0x1160}, {0x180e, 0x180e}, {0x200b, 0x200f},   {0x2028, 0x202e},    {0x2060, 0x206f},
    {0x3164, 0x3164}, {0xd800, 0xf8ff}, {0xfdd0, 0xfdef},   {0xfeff, 0xfeff},    {0xffa0, 0xffa0},
    {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0x1d173, 0x1d17a}, {0xe0000, 0x10ffff},
};

/* Marks that sit on the letter before them. */
static const struct range zero_width[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f}, {0x1161, 0x11ff},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
};

/* East Asian Wide and Fullwidth (Unicode Standard Annex 11), and the usual emoji. */
static const struct range two_wide[] = {
    {0x1100, 0x115e},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97f},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff01, 0xff60},
    {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
    {0x20000, 0x3fffd},
};

#define IS_IN(table, code) is_in(table, sizeof(table) / sizeof((table)[0]), code)

static bool is_in(const struct range *range, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++) {
        if (code >= range[i].first && code <= range[i].last)
            return true;
    }
    return false;
}

/* How many bytes a first byte announces; 0 for one that can't be first (RFC 3629). */
static size_t sequence_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef)
        return 3;
    if (first >= 0xf0 && first <= 0xf4)
        return 4;
    return 0;
}

size_t utf8_decode(const void *bytes, size_t size, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *b = bytes;
    size_t length = size ? sequence_length(b[0]) : 0;

    if (length == 0 || length > size)
        return 0;
    uint32_t value = length == 1 ? b[0] : b[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((b[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (b[i] & 0x3f);
    }
    /* Longer forms than needed, surrogates, and what lies past Unicode's end. */
    if (value < least[length] || (value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff)
        return 0;
    *code = value;
    return length;
}

bool utf8_printable(uint32_t code)
{
    return !IS_IN(unprintable, code) && (code & 0xfffe) != 0xfffe;
}

int utf8_width(uint32_t code)
{
    if (IS_IN(zero_width, code))
        return 0;
    return IS_IN(two_wide, code) ? 2 : 1;
}
