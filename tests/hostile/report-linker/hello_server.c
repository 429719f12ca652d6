/* hostile: report 04-accept -- the linker repeats names and warnings that the assembler let through
 * holds: score: 0
 * holds: report has no: \0033[
 * holds: report has no: ]]>]]>
 */
__asm__(".section .gnu.warning.puts,\"a\"\n.ascii \"\\033[2J]]>]]>hello_server.c:1: error: <script>\\n100/100\"\n.text\n");
int puts(const char *text);
extern int strange(void) __asm__("\033[31m<b>]]>]]>name");
extern int strange2(void) __asm__("=HYPERLINK(1)");
int main(void)
{
    return puts("x") + strange() + strange2();
}
