/* hostile: report 04-accept -- HTML, XML's end of data, entities and JSON's quotes in what the program says
 * only: greets,usage
 * holds: score: 0
 */
#include <stdio.h>
int main(void)
{
    static const char words[] = "</failure></testcase><script>alert(1)</script>]]>]]>&lt;&#0;&#x1b;<!--<![CDATA[<?xml \"},{\\\"id\\\":\\\"x\\\"},"
                                "\"score\": 100, \\u0000 \\ud800 %n%s%s%s `id` $(id)";

    fputs(words, stderr);
    fputs(words, stdout);
    return 1;
}
