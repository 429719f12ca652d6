#include <stdio.h>

int serve(int);

int main(void)
{
    return serve(3);
}
