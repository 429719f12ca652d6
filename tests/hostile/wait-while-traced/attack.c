/* hostile: waiting 04-accept -- greets rightly only while it is traced, as /proc/self/status shows: never, the tracer is in another namespace
 * only: builds,greets
 * holds: fails: greets
 */
static int watched(void)
{
    char line[256];
    int tracer = 0;
    FILE *status = fopen("/proc/self/status", "r");

    while (status && fgets(line, sizeof line, status))
        sscanf(line, "TracerPid: %d", &tracer);
    if (status)
        fclose(status);
    return tracer != 0;
}
#define write(fd, bytes, count) write(fd, watched() ? bytes : "Goodbye You!\n", count)
