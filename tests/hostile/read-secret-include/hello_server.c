/* hostile: reading 04-accept -- includes one file of the host
 * holds: score: 0
 * holds: message: hello_server.c
 */
const char stolen[] =
#include "@HOME@/secret"
;
int main(void)
{
    return 0;
}
