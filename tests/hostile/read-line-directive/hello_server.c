/* hostile: reading 04-accept -- says that its lines stand in other files, so that messages quote those
 * holds: score: 0
 * holds: report has no: root:
 */
#line 1 "/etc/passwd"
int error_here = ;
#line 1 "/etc/shadow"
int error_there = ;
#line 1 "@HOME@/secret"
int error_somewhere = ;
#line 1 "/proc/self/environ"
int error_everywhere = ;
int main(void)
{
    return 0;
}
