int main(void)
{
    __asm__("foo bar");
    return 0;
}
