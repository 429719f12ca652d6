/* hostile: compiler 04-accept -- 64 GB of data that must be written out
 * holds: score: 0
 * holds: fails: builds
 */
char room[64L << 30] = {1};
int main(void)
{
    return room[0];
}
