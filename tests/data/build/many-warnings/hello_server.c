int f1(void)
{
    int u1;
    return 1;
}
int f2(void)
{
    int u2;
    return 1;
}
int f3(void)
{
    int u3;
    return 1;
}
int f4(void)
{
    int u4;
    return 1;
}
int f5(void)
{
    int u5;
    return 1;
}
int f6(void)
{
    int u6;
    return 1;
}
int f7(void)
{
    int u7;
    return 1;
}
int f8(void)
{
    int u8;
    return 1;
}
int f9(void)
{
    int u9;
    return 1;
}
int f10(void)
{
    int u10;
    return 1;
}
int f11(void)
{
    int u11;
    return 1;
}
int f12(void)
{
    int u12;
    return 1;
}
int f13(void)
{
    int u13;
    return 1;
}
int f14(void)
{
    int u14;
    return 1;
}
int f15(void)
{
    int u15;
    return 1;
}
int f16(void)
{
    int u16;
    return 1;
}
int f17(void)
{
    int u17;
    return 1;
}
int f18(void)
{
    int u18;
    return 1;
}
int f19(void)
{
    int u19;
    return 1;
}
int f20(void)
{
    int u20;
    return 1;
}
int f21(void)
{
    int u21;
    return 1;
}
int f22(void)
{
    int u22;
    return 1;
}
int f23(void)
{
    int u23;
    return 1;
}
int f24(void)
{
    int u24;
    return 1;
}
int f25(void)
{
    int u25;
    return 1;
}
int f26(void)
{
    int u26;
    return 1;
}
int f27(void)
{
    int u27;
    return 1;
}
int f28(void)
{
    int u28;
    return 1;
}
int f29(void)
{
    int u29;
    return 1;
}
int f30(void)
{
    int u30;
    return 1;
}
int main(void)
{
    return 0;
}
