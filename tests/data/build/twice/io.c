#include "io.h"

int readn(void)
{
    return 2;
}
