/* hostile: compiler 04-accept -- an assembler macro that calls itself twice
 * holds: score: 0
 * holds: fails: builds
 */
__asm__(".macro grow n\n.byte \\n\ngrow \\n\ngrow \\n\n.endm\ngrow 1\n");
int main(void)
{
    return 0;
}
