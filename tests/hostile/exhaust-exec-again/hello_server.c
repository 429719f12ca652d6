/* hostile: exhaustion 04-accept -- becomes itself again without end, with as many arguments as there may be
 * only: greets
 * holds: score: 0
 */
#include <string.h>
#include <unistd.h>
int main(void)
{
    static char word[100000];
    char *argv[16] = {word, word, word, word, word, word, word, word, word, word, word, word, word, NULL};

    memset(word, 'a', sizeof word - 1);
    execv("/proc/self/exe", argv);
    return 1;
}
