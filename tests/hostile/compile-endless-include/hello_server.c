/* hostile: compiler 04-accept -- a file that includes itself for ever
 * holds: score: 0
 * holds: fails: builds
 */
#include "hello_server.c"
int main(void)
{
    return 0;
}
