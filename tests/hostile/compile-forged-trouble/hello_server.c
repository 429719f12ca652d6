/* hostile: compiler 04-accept -- the assembler prints what the tools say when the machine is at fault, then gives up
 * holds: score: 0
 * holds: fails: builds
 */
#warning /usr/bin/ld: cannot find -lasan: No such file or directory
__asm__(".print \"/usr/bin/ld: cannot find -lc: No space left on device\"\n"
        ".print \"gcc: fatal error: cannot execute 'cc1': execvp: No such file or directory\"\n"
        ".print \"hello_server.c:1:1: warning: \\033[2J\"\n"
        ".section .debug_line,\"\",@progbits\n.byte 1\n.text\n");
int main(void)
{
    return 0;
}
