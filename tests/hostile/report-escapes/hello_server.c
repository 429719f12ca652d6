/* hostile: report 04-accept -- escape sequences, bells, titles and 8-bit controls in output, arguments and names
 * only: greets,usage
 * holds: score: 0
 * holds: report has no: \0033[
 * holds: report has no: \0007
 * holds: report has no: \0302\0233
 */
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>
int main(void)
{
    static const char bytes[] = "\033[2J\033]0;owned\a\033[31mFAIL\033[0m\r\b\b\x9b" "1m\xc2\x9b" "2J\x7f\x01\033P0\033\\\n";

    prctl(PR_SET_NAME, "\033[7mhostile");
    fwrite(bytes, 1, sizeof bytes - 1, stderr);
    fwrite(bytes, 1, sizeof bytes - 1, stdout);
    fflush(stdout);
    return 1;
}
