#include <stdio.h>

#include "hex.c"

int main(void)
{
    printf("%d %d\n", hex('f'), hex('x'));
    return 0;
}
