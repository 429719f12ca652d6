/* hostile: compiler 04-accept -- the assembler repeats itself, fills and aligns
 * holds: score: 0
 * holds: fails: builds
 */
__asm__(".data\n.rept 2000000000\n.rept 2000000000\n.quad 1\n.endr\n.endr\n.fill 0x7fffffffff, 8, 1\n.text\n");
int main(void)
{
    return 0;
}
