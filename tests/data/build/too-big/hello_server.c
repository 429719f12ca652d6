char a[3UL << 30], b[3UL << 30];
int c;

int main(void)
{
    b[0] = a[5];
    return c;
}
