/* hostile: waiting 04-accept -- serves three clients and then sends everybody away
 * only: builds,greets,next-client
 * holds: fails: next-client
 */
static int served(int conn)
{
    static int clients;

    if (conn >= 0 && ++clients > 3)
        shutdown(conn, SHUT_RDWR);
    return conn;
}
static inline int counted_accept(int fd, struct sockaddr *name, socklen_t *size)
{
    return served(accept(fd, name, size));
}
#define accept counted_accept
