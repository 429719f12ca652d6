/**
 * @file lab.c
 * Labs by name.
 */
#include "check/internal.h"

#include <stdlib.h>
#include <string.h>

/** "4" and "04" name lab 4. */
static bool is_number(const char *name, int number)
{
    char *end;
    if (name[0] < '0' || name[0] > '9')
        return false;
    long value = strtol(name, &end, 10);
    return *end == '\0' && strlen(name) <= 2 && value == number;
}

const struct lab *lab_find(const struct lab *const *labs, const char *name)
{
    for (; *labs; labs++)
        if (strcmp((*labs)->id, name) == 0 || is_number(name, (*labs)->number))
            return *labs;
    return NULL;
}

const struct check_spec *lab_check(const struct lab *lab, const char *id)
{
    for (size_t i = 0; i < lab->checks; i++)
        if (strcmp(lab->check[i].id, id) == 0)
            return &lab->check[i];
    return NULL;
}
