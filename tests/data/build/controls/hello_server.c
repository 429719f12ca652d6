#include <stdio.h>
#error "héllo �[31mred ‮"
int main(void)
{
    return 0;
}
