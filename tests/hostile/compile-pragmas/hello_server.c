/* hostile: compiler 04-accept -- asks gcc for plugins, other files' dates, options and messages by pragma
 * holds: score: 0
 * holds: report has no: root:
 */
#pragma GCC plugin "/tmp/evil.so"
#pragma GCC dependency "/etc/shadow" SUCCEEDED
#pragma GCC optimize ("-fplugin=/tmp/evil.so", "-o/lab/bin/other")
#pragma GCC target ("arch=native")
#pragma comment(lib, "evil")
#pragma GCC diagnostic ignored "-Wall"
#include_next "@HOME@/secret"
__attribute__((optimize("-fdump-tree-all-raw=/lab/bin/hello_server"))) int main(void)
{
    return 0;
}
