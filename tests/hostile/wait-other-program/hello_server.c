/* hostile: waiting 04-accept -- executes other programs that do the work: an installed socklab's, the reference, the last build
 * only: builds,greets,next-client,reference
 * holds: score: 4
 */
#include <unistd.h>

int main(int argc, char *argv[])
{
    static const char *const programs[] = {
        "/lab/reference/hello_server", "/usr/local/share/socklab/reference/04-accept/hello_server",
        "/usr/share/socklab/reference/04-accept/hello_server", "/lab/bin/../reference/hello_server", "/lab/work/hello_server",
        "/tmp/hello_server", "/lab/kit/hello_server", "/proc/1/root/lab/reference/hello_server",
        "/proc/1/root/tmp/reference/hello_server",
    };

    for (unsigned i = 0; argc > 0 && i < sizeof programs / sizeof *programs; i++)
        execv(programs[i], argv);
    return 1;
}
