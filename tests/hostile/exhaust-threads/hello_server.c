/* hostile: exhaustion 04-accept -- threads without end, each with a stack that is used
 * only: greets
 * holds: score: 0
 */
#define _GNU_SOURCE
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int run(void *stack)
{
    memset(stack, 1, 4096);
    for (;;)
        pause();
}

int main(void)
{
    for (;;) {
        char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (stack != MAP_FAILED)
            clone(run, stack + 65536, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, stack);
    }
}
