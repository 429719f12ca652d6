/* hostile: exhaustion 04-accept -- takes all the memory that it can get, in processes beside each other, and keeps it
 * only: greets
 * holds: score: 0
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void)
{
    for (int i = 0; i < 3; i++)
        fork();
    for (size_t size = 64 << 20; size >= 4096;) {
        void *room = malloc(size);
        if (room)
            memset(room, 1, size);
        else
            size /= 2;
    }
    for (;;)
        pause();
}
