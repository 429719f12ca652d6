/* hostile: forging 04-accept -- main is data, machine code that ends with 0 at once
 * holds: at most 6 points
 */
const unsigned char main[] __attribute__((section(".text"))) = {
    0x31, 0xff,                   /* xor edi, edi */
    0xb8, 0xe7, 0x00, 0x00, 0x00, /* mov eax, 231: exit_group */
    0x0f, 0x05,                   /* syscall */
};
