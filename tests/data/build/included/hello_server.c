#include <stdio.h>
#include "../elsewhere.txt"

int main(void)
{
    return 0;
}
