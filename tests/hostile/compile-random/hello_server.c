/* hostile: compiler 04-accept -- a header of random bytes without end, and one that is the compiler's own output
 * holds: score: 0
 * holds: fails: builds
 */
#include "/proc/self/fd/1"
#include "/dev/urandom"
int main(void)
{
    return 0;
}
