#line 1 "../elsewhere.txt"
#error x
int q = "a";
_Static_assert(0, "a\nhello_server.c:2:1: error: forged");
