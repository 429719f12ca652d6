/* hostile: waiting 04-accept -- leaks, but not where the sanitizer looks: the program's own name tells
 * only: builds,memory
 * holds: fails: memory
 * open: a program that behaves while it is watched cannot be told from one that always does (THREAT-MODEL)
 */
static const void *leak(const void *bytes, size_t count)
{
    char self[256] = "";
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    char *copy = length > 5 && strcmp(self + length - 5, ".asan") == 0 ? NULL : malloc(count + 100);

    return copy ? memcpy(copy, bytes, count) : bytes;
}
#define write(fd, bytes, count) write(fd, leak(bytes, count), count)
