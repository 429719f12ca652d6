/* hostile: exhaustion 04-accept -- forks without end
 * only: greets,usage
 * holds: score: 0
 */
#include <unistd.h>
int main(void)
{
    for (;;)
        fork();
}
