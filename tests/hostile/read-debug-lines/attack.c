/* hostile: reading 04-accept -- its debug information says that a failing call stands in files of the host
 * only: greets
 * holds: fails: greets
 * holds: report has no: root:
 */
#define write(fd, bytes, count) false_write(fd, bytes, count)
static ssize_t false_write(int fd, const void *bytes, size_t count)
{
    (void)bytes;
#line 1 "/etc/passwd"
    ssize_t n = send(fd, "nothing", 7, 0);
#line 1 "@HOME@/secret"
    n += send(fd, "nothing", 7, 0);
#line 1 "../../../../../../../etc/shadow"
    n += send(fd, "nothing", 7, 0);
    return n < 0 ? n : (ssize_t)count;
}
