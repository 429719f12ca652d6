/* hostile: compiler 04-accept -- its program names another dynamic linker, a library of its own and a path to it
 * holds: at most 6 points
 */
const char interpreter[] __attribute__((section(".interp"))) = "/tmp/evil-linker";
__asm__(".section .note.GNU-stack,\"wx\",@progbits\n.text\n");
int main(void)
{
    return 0;
}
