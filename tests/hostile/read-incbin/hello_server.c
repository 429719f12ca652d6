/* hostile: reading 04-accept -- the assembler takes files in, to be printed by the program
 * holds: score: 0
 * holds: fails: builds
 */
#include <stdio.h>
__asm__(".data\nstolen: .incbin \"@HOME@/secret\"\n.byte 0\n.incbin \"/etc/shadow\"\n.text\n");
extern const char stolen[];
int main(void)
{
    puts(stolen);
    return 0;
}
