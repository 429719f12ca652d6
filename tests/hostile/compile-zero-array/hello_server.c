/* hostile: compiler 04-accept -- 64 GB of zeros, which cost nothing until they are linked or touched
 * holds: at most 6 points
 */
char room[64L << 30];
int main(void)
{
    for (long i = 0; i < 64L << 30; i += 4096)
        room[i] = 1;
    return 0;
}
