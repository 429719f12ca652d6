int main(void)
{
    return 0;
}
#line 1 "../elsewhere.txt"
#pragma message "\n./hello_server.c:1:1: error: forged"
#error x
