/* hostile: compiler 04-accept -- headers that never end, or never come
 * holds: score: 0
 * holds: fails: builds
 */
#include "/dev/stdin"
#include "/dev/tty"
#include "/proc/self/fd/0"
#include "/proc/kmsg"
#include "/dev/zero"
int main(void)
{
    return 0;
}
