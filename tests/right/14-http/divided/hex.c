#include <ctype.h>

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (isxdigit((unsigned char)c))
        return tolower((unsigned char)c) - 'a' + 10;
    return -1;
}
