/* hostile: compiler 04-accept -- a section of 3 GB in an object file that is sparse, and a symbol far behind it
 * holds: score: 0
 * holds: fails: builds
 */
__asm__(".section .data.hole, \"aw\"\n.space 3000000000\nend_of_hole: .byte 1\n.text\n");
extern char end_of_hole;
int main(void)
{
    return end_of_hole;
}
