/* hostile: reading 04-accept -- includes the host's and the grader's files, so that the compiler quotes them
 * holds: fails: builds
 * holds: score: 0
 * holds: report has no: root:$
 * holds: report has no: root:*:
 */
#include "@HOME@/secret"
#include "/etc/shadow"
#include "/etc/passwd"
#include "/proc/self/environ"
#include "/proc/1/environ"
#include "../../../../../../etc/shadow"
#include "/lab/reference/hello_server"
#include "../../solutions/04-accept/hello_server.c"
int main(void)
{
    return 0;
}
