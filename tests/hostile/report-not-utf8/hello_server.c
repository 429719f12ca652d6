/* hostile: report 04-accept -- bytes that are no UTF-8: overlong forms, surrogates, halves, 0xff, zeros, right-to-left marks
 * only: greets,usage
 * holds: score: 0
 * holds: report has no: \0300\0257
 * holds: report has no: \0355\0240\0200
 * holds: report has no: \0377
 * holds: report has no: \0342\0200\0256
 */
#include <stdio.h>
int main(void)
{
    static const char bytes[] = "a\xc0\xaf" "b\xed\xa0\x80" "c\xff\xfe\xf4\x90\x80\x80" "d\xe2\x80\xae" "e\xe2\x80\xa8\xef\xbb\xbf\xf0\x9f\x98\0\0f\xe2";

    fwrite(bytes, 1, sizeof bytes, stderr);
    fwrite(bytes, 1, sizeof bytes, stdout);
    return 1;
}
