/* hostile: compiler 04-accept -- defines what the C library's start needs: _start, environ, __libc_start_main, _exit
 * holds: at most 6 points
 */
int __libc_start_main(void);
int __libc_start_main(void)
{
    __asm__ volatile("mov $231, %eax\n xor %edi, %edi\n syscall");
    return 0;
}
int main(void)
{
    return 0;
}
