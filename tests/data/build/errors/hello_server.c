#include <stdio.h>

int main(void)
{
	int x = 3
	puts("a");
	return y;
}
