/* hostile: reading 04-accept -- the assembler includes files and quotes what it does not understand; debug lines name them
 * holds: score: 0
 * holds: report has no: root:
 */
__asm__(".file 7 \"/etc\" \"shadow\"\n.loc 7 1\n.include \"/etc/passwd\"\n.include \"@HOME@/secret\"\n");
int main(void)
{
    return 0;
}
