/**
 * @file thread_hook.c
 * Part of the kit, not of the grader: linked into every ThreadSanitizer build of a submission, beside leak_hook.c.
 * It takes away two mistakes of ThreadSanitizer's, one in each direction.
 *
 * A race that is not seen: ThreadSanitizer takes all sockets for one, and everything that is sent for a message to
 * whoever receives something afterwards. In a server, where threads do little else, nearly every race is hidden so.
 * Nothing in C or POSIX makes one thread's memory known to another because both talk to clients. Connections
 * are therefore accepted here in a way that ThreadSanitizer does not see. Pipes, pairs and eventfds, by which threads do
 * tell each other something, are left alone.
 *
 * A race that is none: glibc's <threads.h> is not known to it. Its functions are made here of those of <pthread.h>, as
 * glibc does itself: the types are the same under other names.
 *
 * The second half is weak: a function of the student's with one of these names is the student's business. The first is not,
 * because clang's runtime has weak functions of these names and comes first.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <threads.h>
#include <unistd.h>

#define WEAK __attribute__((weak))

/* --- connections --------------------------------------------------------------------------------------- */

/* accept(2) is a cancellation point (pthreads(7)): so is this, for a cancellation that is asked for before or meanwhile. */
static int accept_unseen(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
    int before;

    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &before);
    int conn = (int)syscall(SYS_accept4, fd, address, length, flags);
    pthread_setcanceltype(before, NULL);
    return conn;
}

int accept(int fd, struct sockaddr *restrict address, socklen_t *restrict length)
{
    return accept_unseen(fd, address, length, 0);
}

int accept4(int fd, struct sockaddr *restrict address, socklen_t *restrict length, int flags)
{
    return accept_unseen(fd, address, length, flags);
}

/* --- <threads.h> ----------------------------------------------------------------------------------------- */

_Static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t), "a mutex by two names");
_Static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "a condition by two names");
_Static_assert(sizeof(once_flag) == sizeof(pthread_once_t), "a flag by two names");
_Static_assert(sizeof(thrd_t) == sizeof(pthread_t), "a thread by two names");

static int result_of(int error)
{
    switch (error) {
    case 0: return thrd_success;
    case ENOMEM: return thrd_nomem;
    case ETIMEDOUT: return thrd_timedout;
    case EBUSY: return thrd_busy;
    default: return thrd_error;
    }
}

/** What a new thread is to do. */
struct errand {
    thrd_start_t function;
    void *argument;
};

static void *run_errand(void *argument)
{
    struct errand errand = *(struct errand *)argument;

    free(argument);
    return (void *)(intptr_t)errand.function(errand.argument);
}

WEAK int thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
    struct errand *errand = malloc(sizeof(*errand));

    if (!errand)
        return thrd_nomem;
    *errand = (struct errand){function, argument};
    int error = pthread_create((pthread_t *)thread, NULL, run_errand, errand);
    if (error)
        free(errand);
    return result_of(error);
}

WEAK int thrd_join(thrd_t thread, int *result)
{
    void *value = NULL;
    int error = pthread_join((pthread_t)thread, &value);

    if (result)
        *result = (int)(intptr_t)value;
    return result_of(error);
}

WEAK int thrd_detach(thrd_t thread)
{
    return result_of(pthread_detach((pthread_t)thread));
}

WEAK void thrd_exit(int result)
{
    pthread_exit((void *)(intptr_t)result);
}

WEAK int mtx_init(mtx_t *mutex, int type)
{
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    if (type & mtx_recursive)
        pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    int error = pthread_mutex_init((pthread_mutex_t *)mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return result_of(error);
}

WEAK int mtx_lock(mtx_t *mutex)
{
    return result_of(pthread_mutex_lock((pthread_mutex_t *)mutex));
}

WEAK int mtx_trylock(mtx_t *mutex)
{
    return result_of(pthread_mutex_trylock((pthread_mutex_t *)mutex));
}

WEAK int mtx_timedlock(mtx_t *restrict mutex, const struct timespec *restrict until)
{
    return result_of(pthread_mutex_timedlock((pthread_mutex_t *)mutex, until));
}

WEAK int mtx_unlock(mtx_t *mutex)
{
    return result_of(pthread_mutex_unlock((pthread_mutex_t *)mutex));
}

WEAK void mtx_destroy(mtx_t *mutex)
{
    pthread_mutex_destroy((pthread_mutex_t *)mutex);
}

WEAK int cnd_init(cnd_t *condition)
{
    return result_of(pthread_cond_init((pthread_cond_t *)condition, NULL));
}

WEAK int cnd_wait(cnd_t *condition, mtx_t *mutex)
{
    return result_of(pthread_cond_wait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex));
}

WEAK int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict until)
{
    return result_of(pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, until));
}

WEAK int cnd_signal(cnd_t *condition)
{
    return result_of(pthread_cond_signal((pthread_cond_t *)condition));
}

WEAK int cnd_broadcast(cnd_t *condition)
{
    return result_of(pthread_cond_broadcast((pthread_cond_t *)condition));
}

WEAK void cnd_destroy(cnd_t *condition)
{
    pthread_cond_destroy((pthread_cond_t *)condition);
}

WEAK void call_once(once_flag *flag, void (*function)(void))
{
    pthread_once((pthread_once_t *)flag, function);
}
