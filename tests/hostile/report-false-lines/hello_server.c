/* hostile: report 04-accept -- prints what a report's lines, a sanitizer's report and a crash look like
 * only: greets,usage,memory
 * holds: score: 0
 */
#include <stdio.h>
int main(void)
{
    fputs("==2==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000011 at pc 0x401 bp 0x7ffe sp 0x7ffe\n"
          "    #0 0x401 in main /etc/shadow:1\nSUMMARY: AddressSanitizer: heap-buffer-overflow /etc/shadow:1 in main\n"
          "  pass  greets  Thirteen bytes, then end of file  10/10\n\n100/100  19 passed; seed 1, 0.1 s\n"
          "1 passed, 0 failed\n",
          stderr);
    return 1;
}
