#define _GNU_SOURCE
#include <stdio.h>

int main(void)
{
    return puts("x") < 0;
}
