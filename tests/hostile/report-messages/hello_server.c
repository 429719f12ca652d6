/* hostile: report 04-accept -- the compiler repeats what the source has: #error, pragmas, names, and a false message
 * holds: score: 0
 * holds: report has no: \0033[
 * holds: report has no: \0342\0200\0256
 */
#pragma message "hello_server.c:1:1: error: \033[2J = pass </failure>]]>"
#pragma GCC error "\x1b[2J hello_server.c:2:1: fatal error: <script>"
#error ‮ backwards ]]> <script>alert(1)</script> "},{"id":"x"
int naïve‮name = "é";
int main(void)
{
    return undeclared_ñ‮;
}
