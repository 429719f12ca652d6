/**
 * @file ends.c
 * Sockets that are looked for in the kernel's table by their addresses: who waits, who is at the other end, who listens.
 */
#include "peer/table.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void fill_address(struct sockaddr_storage *address, sa_family_t family,
                         const struct in6_addr *ip, uint16_t port)
{
    memset(address, 0, sizeof *address);
    if (family == AF_INET6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
        *in6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = *ip, .sin6_port = port};
    } else {
        struct sockaddr_in *in = (struct sockaddr_in *)address;
        *in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
        memcpy(&in->sin_addr, &ip->s6_addr[12], 4);
    }
}

static void take_address(const struct sockaddr_storage *address, struct in6_addr *ip,
                         uint16_t *port)
{
    const struct sockaddr_in6 *in6 = (const void *)address;
    const struct sockaddr_in *in = (const void *)address;

    if (address->ss_family == AF_INET6) {
        *ip = in6->sin6_addr;
        *port = in6->sin6_port;
    } else {
        *ip = network_as_ipv6(AF_INET, &in->sin_addr.s_addr);
        *port = in->sin_port;
    }
}

static bool is_address_of(const struct end *e, const struct sockaddr *address)
{
    struct in6_addr ip;
    uint16_t port;

    take_address((const struct sockaddr_storage *)address, &ip, &port);
    return port == e->local_port && memcmp(&ip, &e->local, sizeof ip) == 0;
}

int network_find_waiting(unsigned port, const struct sockaddr *from,
                         struct sockaddr_storage *client, struct sockaddr_storage *aim,
                         socklen_t *length)
{
    struct table table = {0};
    int error = network_read(&table, 1 << SYN_SENT);
    bool found = false;

    for (size_t i = 0; i < table.count && !error && !found; i++) {
        const struct end *e = &table.end[i];
        if (ntohs(e->remote_port) != port)
            continue;
        /* An IPv6 socket that aims at an IPv4 address is met in IPv4, the protocol on the wire. */
        bool mapped = IN6_IS_ADDR_V4MAPPED(&e->remote);
        sa_family_t family = mapped ? AF_INET : AF_INET6;
        fill_address(client, family, &e->local, e->local_port);
        fill_address(aim, family, &e->remote, e->remote_port);
        *length = mapped ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
        found = !from || is_address_of(e, from);
    }
    free(table.end);
    if (error)
        return error;
    return found ? 0 : -ENOENT;
}

bool network_end_arrived(const struct sockaddr_storage *local,
                         const struct sockaddr_storage *remote)
{
    struct end own = {.family = local->ss_family};
    struct table table = {0};

    take_address(local, &own.local, &own.local_port);
    take_address(remote, &own.remote, &own.remote_port);
    int error = network_read(&table, 1 << CLOSE_WAIT | 1 << LAST_ACK | 1 << CLOSING);
    bool arrived = error == 0 && network_find_other(&table, &own) != NULL;
    free(table.end);
    return arrived;
}

uint64_t network_other_end(const struct peer *p)
{
    struct end own = {.family = p->local.ss_family};
    struct table table = {0};

    take_address(&p->local, &own.local, &own.local_port);
    take_address(&p->remote, &own.remote, &own.remote_port);
    int error = network_read(&table, ALL_STATES & ~(1 << LISTENING));
    const struct end *other = error ? NULL : network_find_other(&table, &own);
    uint64_t inode = other ? other->inode : 0;
    free(table.end);
    return inode;
}

size_t network_listeners(unsigned port, uint64_t *inode, size_t room)
{
    struct table table = {0};
    int error = network_read(&table, 1 << LISTENING);
    size_t count = 0;

    for (size_t i = 0; i < table.count && !error && count < room; i++)
        if (ntohs(table.end[i].local_port) == port)
            inode[count++] = table.end[i].inode;
    free(table.end);
    return count;
}
