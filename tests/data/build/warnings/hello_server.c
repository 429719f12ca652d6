#include <stdio.h>
#include <string.h>

int main(void)
{
	int unused;

	printf("%s\n", 3);
	return (int)strlen(3);
}
