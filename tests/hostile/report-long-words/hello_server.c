/* hostile: report 04-accept -- a line of 8 MiB without an end, and source lines and names of 10,000 characters beside it
 * only: greets,usage
 * holds: score: 0
 */
#include <stdio.h>
#include <string.h>
int main(void)
{
    static char line[8 << 20];

    memset(line, '<', sizeof line);
    fwrite(line, 1, sizeof line, stderr);
    fwrite(line, 1, sizeof line, stdout);
    return 1;
}
