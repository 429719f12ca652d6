/* hostile: exhaustion 04-accept -- prints without end
 * only: greets,usage
 * holds: score: 0
 */
#include <unistd.h>
int main(void)
{
    static const char page[65536] = {'x'};

    for (;;) {
        if (write(1, page, sizeof page) < 0 && write(2, page, sizeof page) < 0)
            pause();
        if (write(2, page, sizeof page) < 0)
            pause();
    }
}
