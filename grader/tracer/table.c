/**
 * @file table.c
 * The call table. One line a call: to teach the tracer a call, add a line. Numbers that an
 * architecture lacks are -1 (aarch64 has no accept4-less poll, dup2, alarm...).
 */
#include "tracer/internal.h"

#include <string.h>
#include <sys/syscall.h>

#ifndef SYS_poll
#define SYS_poll -1
#define SYS_select -1
#define SYS_epoll_wait -1
#define SYS_dup2 -1
#define SYS_alarm -1
#define SYS_pause -1
#define SYS_time -1
#define SYS_fork -1
#define SYS_vfork -1
#endif
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

static const struct call table[] = {
    {"socket", SYS_socket, 3, CALL_SOCKET, -1, -1, SHAPE_SOCKET, EFFECT_SOCKET, 0, 0},
    {"socketpair", SYS_socketpair, 4, CALL_SOCKET, -1, -1, SHAPE_PLAIN, EFFECT_PAIR, 0, 0},
    {"bind", SYS_bind, 3, CALL_BIND, 0, -1, SHAPE_ADDRESS_IN, 0, 0, 0},
    {"listen", SYS_listen, 2, CALL_LISTEN, 0, -1, SHAPE_LISTEN, EFFECT_LISTEN, 0, 0},
    {"accept", SYS_accept, 3, CALL_ACCEPT, 0, -1, SHAPE_ADDRESS_OUT, EFFECT_ACCEPT, 0, 0},
    {"accept4", SYS_accept4, 4, CALL_ACCEPT, 0, -1, SHAPE_ADDRESS_OUT, EFFECT_ACCEPT, 0, 0},
    {"connect", SYS_connect, 3, CALL_CONNECT, 0, -1, SHAPE_ADDRESS_IN, EFFECT_CONNECT, 0, 0},
    {"shutdown", SYS_shutdown, 2, CALL_SHUTDOWN, 0, -1, SHAPE_SHUTDOWN, 0, 0, 0},
    {"getsockname", SYS_getsockname, 3, CALL_NAME, 0, -1, SHAPE_ADDRESS_OUT, 0, 0, 0},
    {"getpeername", SYS_getpeername, 3, CALL_NAME, 0, -1, SHAPE_ADDRESS_OUT, 0, 0, 0},
    {"setsockopt", SYS_setsockopt, 5, CALL_OPTION, 0, -1, SHAPE_OPTION, EFFECT_OPTION, 0, 0},
    {"getsockopt", SYS_getsockopt, 5, CALL_NAME, 0, -1, SHAPE_OPTION, 0, 0, 0},

    {"read", SYS_read, 3, CALL_READ, 0, 2, SHAPE_BUFFER, 0, 0, 0},
    {"readv", SYS_readv, 3, CALL_READ, 0, -1, SHAPE_VECTOR, 0, 0, 0},
    {"recvfrom", SYS_recvfrom, 6, CALL_READ, 0, 2, SHAPE_SENDTO, 0, 0, 0},
    {"recvmsg", SYS_recvmsg, 3, CALL_READ, 0, -1, SHAPE_MESSAGE, 0, 0, 0},
    /* Its time-out is looked at only after a datagram has come (recvmmsg(2), BUGS): it ends no wait. */
    {"recvmmsg", SYS_recvmmsg, 5, CALL_READ, 0, -1, SHAPE_MESSAGES, 0, 0, 0},
    {"write", SYS_write, 3, CALL_WRITE, 0, 2, SHAPE_BUFFER, 0, 0, 0},
    {"writev", SYS_writev, 3, CALL_WRITE, 0, -1, SHAPE_VECTOR, 0, 0, 0},
    {"sendto", SYS_sendto, 6, CALL_WRITE, 0, 2, SHAPE_SENDTO, 0, 0, 0},
    {"sendmsg", SYS_sendmsg, 3, CALL_WRITE, 0, -1, SHAPE_MESSAGE, 0, 0, 0},
    {"sendmmsg", SYS_sendmmsg, 4, CALL_WRITE, 0, -1, SHAPE_MESSAGES, 0, 0, 0},
    {"sendfile", SYS_sendfile, 4, CALL_WRITE, 0, 3, SHAPE_COPY, 0, 0, 0},
    /* One call that reads or writes: call.c says which. Its other end is a pipe, and tee(2) and vmsplice(2) know only pipes. */
    {"splice in", SYS_splice, 6, CALL_READ, 0, 4, SHAPE_SPLICE, 0, 0, 0},
    {"splice", SYS_splice, 6, CALL_WRITE, 2, 4, SHAPE_SPLICE, 0, 0, 0},

    {"close", SYS_close, 1, CALL_CLOSE, 0, -1, SHAPE_FD, EFFECT_CLOSE, 0, 0},
    {"close_range", SYS_close_range, 3, CALL_CLOSE, -1, -1, SHAPE_PLAIN, EFFECT_CLOSE_RANGE, 0, 0},
    {"dup", SYS_dup, 1, CALL_DUP, 0, -1, SHAPE_FD, EFFECT_DUP, 0, 0},
    {"dup2", SYS_dup2, 2, CALL_DUP, 0, -1, SHAPE_PLAIN, EFFECT_DUP, 0, 0},
    {"dup3", SYS_dup3, 3, CALL_DUP, 0, -1, SHAPE_PLAIN, EFFECT_DUP, 0, 0},
    {"fcntl", SYS_fcntl, 3, CALL_DUP, 0, -1, SHAPE_PLAIN, EFFECT_FCNTL, 0, 0},

    {"poll", SYS_poll, 3, CALL_WAIT, -1, -1, SHAPE_POLL, 0, TIMEOUT_MS, 2},
    {"ppoll", SYS_ppoll, 5, CALL_WAIT, -1, -1, SHAPE_POLL, 0, TIMEOUT_POINTER, 2},
    {"select", SYS_select, 5, CALL_WAIT, -1, -1, SHAPE_SELECT, 0, TIMEOUT_POINTER, 4},
    {"pselect6", SYS_pselect6, 6, CALL_WAIT, -1, -1, SHAPE_SELECT, 0, TIMEOUT_POINTER, 4},
    {"epoll_wait", SYS_epoll_wait, 4, CALL_WAIT, 0, -1, SHAPE_EPOLL, 0, TIMEOUT_MS, 3},
    {"epoll_pwait", SYS_epoll_pwait, 6, CALL_WAIT, 0, -1, SHAPE_EPOLL, 0, TIMEOUT_MS, 3},
    {"epoll_pwait2", SYS_epoll_pwait2, 6, CALL_WAIT, 0, -1, SHAPE_EPOLL, 0, TIMEOUT_POINTER, 3},

    {"epoll_ctl", SYS_epoll_ctl, 4, CALL_WATCH, 2, -1, SHAPE_PLAIN, EFFECT_WATCH, 0, 0},

    {"nanosleep", SYS_nanosleep, 2, CALL_SLEEP, -1, -1, SHAPE_SLEEP, 0, TIMEOUT_ALWAYS, 0},
    {"clock_nanosleep", SYS_clock_nanosleep, 4, CALL_SLEEP, -1, -1, SHAPE_SLEEP, 0, TIMEOUT_ALWAYS, 0},

    {"wait4", SYS_wait4, 4, CALL_CHILD, -1, -1, SHAPE_WAIT4, 0, 0, 0},
    {"waitid", SYS_waitid, 5, CALL_CHILD, -1, -1, SHAPE_PLAIN, 0, 0, 0},

    {"rt_sigaction", SYS_rt_sigaction, 4, CALL_SIGNAL, -1, -1, SHAPE_PLAIN, EFFECT_HANDLER, 0, 0},
    {"rt_sigreturn", SYS_rt_sigreturn, 0, CALL_SIGNAL, -1, -1, SHAPE_PLAIN, 0, 0, 0},
    {"alarm", SYS_alarm, 1, CALL_TIMER, -1, -1, SHAPE_PLAIN, EFFECT_TIMER, 0, 0},
    {"setitimer", SYS_setitimer, 3, CALL_TIMER, -1, -1, SHAPE_PLAIN, EFFECT_TIMER, 0, 0},
    {"timer_create", SYS_timer_create, 3, CALL_TIMER, -1, -1, SHAPE_PLAIN, EFFECT_TIMER, 0, 0},
    {"timer_delete", SYS_timer_delete, 1, CALL_TIMER, -1, -1, SHAPE_PLAIN, 0, 0, 0},
    {"timer_settime", SYS_timer_settime, 4, CALL_TIMER, -1, -1, SHAPE_PLAIN, EFFECT_TIMER, 0, 0},
    {"timerfd_settime", SYS_timerfd_settime, 4, CALL_TIMER, 0, -1, SHAPE_PLAIN, EFFECT_TIMER, 0, 0},

    {"clock_gettime", SYS_clock_gettime, 2, CALL_CLOCK, -1, -1, SHAPE_PLAIN, 0, 0, 0},
    {"gettimeofday", SYS_gettimeofday, 2, CALL_CLOCK, -1, -1, SHAPE_PLAIN, 0, 0, 0},
    {"time", SYS_time, 1, CALL_CLOCK, -1, -1, SHAPE_PLAIN, 0, 0, 0},

    {"futex", SYS_futex, 6, CALL_CLOCK, -1, -1, SHAPE_PLAIN, 0, TIMEOUT_POINTER, 3}, /* pthread_cond_timedwait(3) */

    {"fork", SYS_fork, 0, CALL_FORK, -1, -1, SHAPE_PLAIN, 0, 0, 0},
    {"vfork", SYS_vfork, 0, CALL_FORK, -1, -1, SHAPE_PLAIN, 0, 0, 0},
    {"clone", SYS_clone, 5, CALL_FORK, -1, -1, SHAPE_CLONE, 0, 0, 0},
    {"exit_group", SYS_exit_group, 1, CALL_EXIT, -1, -1, SHAPE_PLAIN, 0, 0, 0},
    {"setsid", SYS_setsid, 0, CALL_SESSION, -1, -1, SHAPE_PLAIN, 0, 0, 0},
    {"chdir", SYS_chdir, 1, CALL_SESSION, -1, -1, SHAPE_PATH, 0, 0, 0},
    {"umask", SYS_umask, 1, CALL_SESSION, -1, -1, SHAPE_MODE, 0, 0, 0},

    /* Never reported by the filter; known so that a look can name them and judge their time-outs. */
    {"pause", SYS_pause, 0, 0, -1, -1, SHAPE_PLAIN, 0, 0, 0},
    {"rt_sigsuspend", SYS_rt_sigsuspend, 2, 0, -1, -1, SHAPE_PLAIN, 0, 0, 0},
    {"rt_sigtimedwait", SYS_rt_sigtimedwait, 4, 0, -1, -1, SHAPE_PLAIN, 0, TIMEOUT_POINTER, 2},
    {"flock", SYS_flock, 2, 0, 0, -1, SHAPE_FD, 0, 0, 0},
    {"restart_syscall", SYS_restart_syscall, 0, 0, -1, -1, SHAPE_PLAIN, 0, TIMEOUT_ALWAYS, 0},
};

enum { TABLE_SIZE = sizeof(table) / sizeof(table[0]), NUMBER_MAX = 512 };

const struct call *table_find(int number)
{
    static const struct call *by_number[NUMBER_MAX]; /* a cache of the table, filled once */
    static bool filled;
    if (!filled) {
        for (size_t i = 0; i < TABLE_SIZE; i++)
            if (table[i].number >= 0 && table[i].number < NUMBER_MAX)
                by_number[table[i].number] = &table[i];
        filled = true;
    }
    return number >= 0 && number < NUMBER_MAX ? by_number[number] : NULL;
}

const struct call *table_find_name(const char *name)
{
    for (size_t i = 0; i < TABLE_SIZE; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

size_t tracer_numbers(uint32_t groups, int *number, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < TABLE_SIZE && n < room; i++)
        if ((table[i].group & groups) && table[i].number >= 0 && (n == 0 || number[n - 1] != table[i].number))
            number[n++] = table[i].number;
    /* poll over stop and continue comes back as restart_syscall: without it the exit is lost. */
    if (n < room && (groups & (CALL_WAIT | CALL_SLEEP)))
        number[n++] = SYS_restart_syscall;
    return n;
}

uint32_t tracer_group(const char *call)
{
    const struct call *c = table_find_name(call);
    return c ? c->group : 0;
}
