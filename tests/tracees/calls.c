/**
 * @file
 * Makes every call that a solution of the fourteen labs could need, in the forms in which POSIX and
 * glibc have them, and says of each what came of it: "what: ok" or the errno's name. The working
 * directory must be writable. The last line is "calls: N" with the number of tries.
 */
#include <aio.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <syslog.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static int count;

static long say(const char *what, long result)
{
    count++;
    if (result >= 0)
        printf("%s: ok\n", what);
    else
        printf("%s: %s\n", what, strerrorname_np(errno));
    return result;
}

/* For functions that return an error number. */
static void say_error(const char *what, int error)
{
    errno = error;
    say(what, error ? -1 : 0);
}

#define TRY(call) say(#call, (long)(call))

static void handle(int number)
{
    (void)number;
}

/* --- files ---------------------------------------------------------------------------------- */

static void try_files(void)
{
    struct stat st;
    struct statx stx;
    struct statvfs vfs;
    struct flock lock = {.l_type = F_WRLCK};
    char bytes[256] = "abc";
    struct iovec vector = {bytes, 8};
    int ends[2], fd, other, dir;

    fd = (int)say("open", open("one", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    dir = (int)say("open .", open(".", O_RDONLY | O_DIRECTORY));
    other = (int)say("O_TMPFILE", open(".", O_TMPFILE | O_RDWR, 0600));
    TRY(write(fd, "0123456789", 10));
    TRY(pwrite(fd, "x", 1, 3));
    TRY(lseek(fd, 0, SEEK_SET));
    TRY(read(fd, bytes, 4));
    TRY(pread(fd, bytes, 4, 0));
    TRY(readv(fd, &vector, 1));
    TRY(writev(fd, &vector, 1));
    TRY(preadv(fd, &vector, 1, 0));
    TRY(preadv2(fd, &vector, 1, 0, 0));
    TRY(pwritev(fd, &vector, 1, 0));
    TRY(copy_file_range(fd, &(off64_t){0}, other, NULL, 4, 0));
    TRY(sendfile(other, fd, &(off_t){0}, 4));
    TRY(fstat(fd, &st));
    TRY(stat("one", &st));
    TRY(lstat("one", &st));
    TRY(statx(AT_FDCWD, "one", 0, STATX_ALL, &stx));
    TRY(statvfs(".", &vfs));
    TRY(access("one", R_OK));
    TRY(faccessat(AT_FDCWD, "one", R_OK, AT_EACCESS));
    TRY(ftruncate(fd, 100));
    say_error("posix_fallocate", posix_fallocate(fd, 0, 200));
    say_error("posix_fadvise", posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
    TRY(fsync(fd));
    TRY(fdatasync(fd));
    TRY(flock(fd, LOCK_EX | LOCK_NB));
    TRY(fcntl(fd, F_SETLK, &lock));
    lock.l_type = F_UNLCK;
    TRY(fcntl(fd, F_OFD_SETLK, &lock));
    TRY(lockf(fd, F_TLOCK, 0));
    TRY(fcntl(fd, F_GETFL));
    TRY(fcntl(fd, F_DUPFD_CLOEXEC, 10));
    TRY(dup(fd));
    TRY(dup2(fd, 20));
    TRY(dup3(fd, 21, O_CLOEXEC));
    TRY(close_range(20, 22, 0));
    TRY(mkdir("d", 0755));
    TRY(rename("one", "d/one"));
    TRY(renameat2(AT_FDCWD, "d/one", AT_FDCWD, "two", RENAME_NOREPLACE));
    TRY(link("two", "three"));
    TRY(symlink("two", "soft"));
    TRY(readlink("soft", bytes, sizeof bytes));
    TRY(realpath("soft", NULL) ? 0 : -1);
    TRY(chmod("two", 0600));
    TRY(fchmod(fd, 0640));
    TRY(chown("two", getuid(), getgid()));
    TRY(utimensat(AT_FDCWD, "two", NULL, 0));
    TRY(mkfifo("fifo", 0600));
    TRY(unlink("fifo"));
    TRY(unlink("three"));
    TRY(rmdir("d"));
    TRY(umask(027));
    TRY(fchdir(dir));
    TRY(getcwd(bytes, sizeof bytes) ? 0 : -1);
    TRY(scandir(".", &(struct dirent **){NULL}, NULL, alphasort));
    /* tmpfile(3) asks for /tmp, which is the host's where there are no namespaces, and closed. */
    snprintf(bytes, sizeof bytes, "%s/XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : ".");
    TRY(mkstemp(bytes));
    TRY(memfd_create("memory", 0));
    TRY(isatty(fd) ? -1 : 0);
    TRY(pipe(ends));
    TRY(pipe2(ends, O_NONBLOCK | O_CLOEXEC));
    TRY(fcntl(ends[1], F_SETPIPE_SZ, 8192));
    TRY(vmsplice(ends[1], &vector, 1, 0));
    TRY(tee(ends[0], ends[1], 1, SPLICE_F_NONBLOCK) < 0 && errno != EINVAL ? -1 : 0);
    TRY(splice(ends[0], NULL, other, NULL, 4, 0));
    TRY(ioctl(ends[0], FIONREAD, &(int){0}));
    fd = (int)say("inotify_init1", inotify_init1(IN_CLOEXEC));
    TRY(inotify_rm_watch(fd, inotify_add_watch(fd, ".", IN_CREATE)));
}

/* --- memory, limits, names ------------------------------------------------------------------ */

static void try_surroundings(void)
{
    struct rlimit limit;
    struct rusage usage;
    struct utsname names;
    struct tms times_used;
    cpu_set_t set;
    gid_t groups[64];
    char bytes[16];
    void *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    TRY(page != MAP_FAILED ? 0 : -1);
    TRY(mprotect(page, 4096, PROT_READ));
    TRY(madvise(page, 4096, MADV_WILLNEED));
    TRY(msync(page, 4096, MS_SYNC));
    TRY(mlock(page, 4096));
    TRY(munlock(page, 4096));
    TRY(mincore(page, 4096, (unsigned char *)bytes));
    TRY(mremap(page, 8192, 4096, 0) != MAP_FAILED ? 0 : -1);
    TRY(munmap(page, 4096));
    TRY(getrandom(bytes, sizeof bytes, 0));
    TRY(getentropy(bytes, sizeof bytes));
    TRY(getrlimit(RLIMIT_NOFILE, &limit));
    TRY(setrlimit(RLIMIT_NOFILE, &limit));
    TRY(prlimit(0, RLIMIT_STACK, NULL, &limit));
    TRY(getrusage(RUSAGE_SELF, &usage));
    TRY(times(&times_used));
    TRY(uname(&names));
    TRY(gethostname(bytes, sizeof bytes));
    TRY(sysconf(_SC_NPROCESSORS_ONLN));
    TRY(getgroups(64, groups));
    TRY(setuid(getuid()));
    TRY(setgid(getgid()));
    TRY(seteuid(geteuid()));
    TRY(getpriority(PRIO_PROCESS, 0));
    TRY(nice(1));
    TRY(sched_yield());
    TRY(sched_getaffinity(0, sizeof set, &set));
    TRY(sched_setaffinity(0, sizeof set, &set));
    TRY(sched_getscheduler(0));
    TRY(sched_get_priority_max(SCHED_FIFO));
    TRY(sched_getcpu());
    TRY(syscall(SYS_membarrier, 0, 0, 0));
    TRY(prctl(PR_SET_NAME, "calls"));
    TRY(prctl(PR_SET_PDEATHSIG, 0));
    TRY(prctl(PR_SET_CHILD_SUBREAPER, 0));
    TRY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    TRY(prctl(PR_GET_DUMPABLE));
    openlog("calls", LOG_PID | LOG_NDELAY, LOG_DAEMON);
    syslog(LOG_INFO, "a word");
    closelog();
    sync();
}

/* --- time and signals ----------------------------------------------------------------------- */

static void try_time(void)
{
    struct timespec now = {0}, moment = {0, 1000};
    struct itimerval alarm_at = {{0, 0}, {0, 0}};
    struct itimerspec at = {{0, 0}, {100, 0}};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    timer_t timer;
    int fd;

    TRY(time(NULL));
    TRY(clock_gettime(CLOCK_MONOTONIC, &now));
    TRY(clock_getres(CLOCK_MONOTONIC, &now));
    TRY(gettimeofday(&(struct timeval){0}, NULL));
    TRY(nanosleep(&moment, NULL));
    TRY(clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL));
    TRY(usleep(1));
    TRY(alarm(0));
    TRY(setitimer(ITIMER_REAL, &alarm_at, NULL));
    TRY(getitimer(ITIMER_REAL, &alarm_at));
    TRY(timer_create(CLOCK_MONOTONIC, &event, &timer));
    TRY(timer_settime(timer, 0, &at, NULL));
    TRY(timer_gettime(timer, &at));
    TRY(timer_delete(timer));
    fd = (int)say("timerfd_create", timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
    TRY(timerfd_settime(fd, 0, &at, NULL));
    TRY(timerfd_gettime(fd, &at));
}

static void try_signals(void)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
    struct timespec none = {0, 0};
    sigset_t set;
    int fd;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    TRY(sigaction(SIGUSR1, &action, NULL));
    TRY(sigaltstack(&stack, NULL));
    TRY(sigprocmask(SIG_BLOCK, &set, NULL));
    TRY(raise(SIGUSR1));
    TRY(sigpending(&set));
    TRY(sigtimedwait(&set, NULL, &none));
    TRY(kill(getpid(), SIGUSR1));
    say_error("sigwait", sigwait(&set, &(int){0}));
    TRY(sigqueue(getpid(), SIGUSR1, (union sigval){0}));
    fd = (int)say("signalfd", signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    TRY(read(fd, &(struct signalfd_siginfo){0}, sizeof(struct signalfd_siginfo)));
    fd = (int)say("pidfd_open", syscall(SYS_pidfd_open, getpid(), 0));
    TRY(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
    TRY(raise(SIGUSR1));
    sigemptyset(&set);
    TRY(sigsuspend(&set) < 0 && errno == EINTR ? 0 : -1);
}

/* --- sockets and waiting -------------------------------------------------------------------- */

static void try_options(int fd)
{
    struct linger linger = {1, 0};
    struct timeval second = {1, 0};

    TRY(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)));
    TRY(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int)));
    TRY(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int)));
    TRY(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second));
    TRY(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){8192}, sizeof(int)));
    TRY(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    TRY(setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &(int){1}, sizeof(int)));
    TRY(getsockopt(fd, SOL_SOCKET, SO_TYPE, &(int){0}, &(socklen_t){sizeof(int)}));
}

static void try_stream(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr *address = (struct sockaddr *)&name;
    socklen_t length = sizeof name;
    char bytes[64];
    struct iovec vector = {bytes, 4};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    struct mmsghdr messages = {.msg_hdr = message};
    int listener, client, conn;

    listener = (int)say("socket inet", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    try_options(listener);
    TRY(bind(listener, address, sizeof name));
    TRY(listen(listener, SOMAXCONN));
    TRY(getsockname(listener, address, &length));
    client = (int)say("socket tcp", socket(AF_INET, SOCK_STREAM, IPPROTO_TCP));
    TRY(connect(client, address, sizeof name));
    conn = (int)say("accept4", accept4(listener, address, &length, SOCK_NONBLOCK));
    TRY(getpeername(conn, address, &length));
    TRY(send(client, "12345678", 8, MSG_NOSIGNAL));
    TRY(recv(conn, bytes, 4, MSG_PEEK));
    TRY(recvmsg(conn, &message, 0));
    TRY(sendmsg(conn, &message, 0));
    TRY(sendmmsg(conn, &messages, 1, 0));
    TRY(recvmmsg(conn, &messages, 1, 0, NULL));
    TRY(ioctl(conn, FIONBIO, &(int){1}));
    TRY(ioctl(client, FIONREAD, &(int){0}));
    TRY(shutdown(client, SHUT_WR));
    TRY(close(conn));
    TRY(fcntl(listener, F_SETFL, O_NONBLOCK));
    TRY(accept(listener, NULL, NULL) < 0 && errno == EAGAIN ? 0 : -1);
}

static void try_datagrams(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof name;
    char byte;
    int fd = (int)say("socket udp", socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP));
    int ends[2];

    TRY(bind(fd, (struct sockaddr *)&name, sizeof name));
    TRY(getsockname(fd, (struct sockaddr *)&name, &length));
    TRY(sendto(fd, "x", 1, 0, (struct sockaddr *)&name, length));
    TRY(recvfrom(fd, &byte, 1, 0, (struct sockaddr *)&name, &length));
    TRY(socket(AF_UNIX, SOCK_STREAM, 0));
    TRY(socket(AF_UNIX, SOCK_DGRAM, 0));
    TRY(socket(AF_UNIX, SOCK_SEQPACKET, 0));
    TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
}

static void try_names(void)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *list = NULL;

    TRY(getaddrinfo("localhost", "80", &hints, &list) ? -1 : 0);
    if (list)
        freeaddrinfo(list);
    TRY(getpwuid(getuid()) || !errno ? 0 : -1);
}

static void try_waiting(void)
{
    struct timespec none = {0, 0};
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    int fd = (int)say("eventfd", eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC));
    struct pollfd watched = {fd, POLLIN, 0};
    int epoll = (int)say("epoll_create1", epoll_create1(EPOLL_CLOEXEC));
    fd_set set;

    FD_ZERO(&set);
    FD_SET(fd, &set);
    TRY(poll(&watched, 1, 0));
    TRY(ppoll(&watched, 1, &none, NULL));
    TRY(select(fd + 1, &set, NULL, NULL, &(struct timeval){0, 0}));
    TRY(pselect(fd + 1, &set, NULL, NULL, &none, NULL));
    TRY(epoll_create(1));
    TRY(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
    TRY(epoll_wait(epoll, &event, 1, 0));
    TRY(epoll_pwait(epoll, &event, 1, 0, NULL));
    /* Linux 5.11 */
    TRY(epoll_pwait2(epoll, &event, 1, &none, NULL));
}

/* --- threads and processes ------------------------------------------------------------------ */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;

static void *run_thread(void *argument)
{
    pthread_setname_np(pthread_self(), "worker");
    pthread_mutex_lock(&mutex);
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&mutex);
    sem_post(&semaphore);
    return argument;
}

static void *wait_for_ever(void *argument)
{
    for (;;)
        pause();
    return argument;
}

static int run_c11(void *argument)
{
    return *(int *)argument;
}

static void try_threads(void)
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_barrier_t barrier;
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    thrd_t c11;
    int value = 0;

    say_error("pthread_attr_setstacksize",
              pthread_attr_init(&attributes) || pthread_attr_setstacksize(&attributes, 65536));
    TRY(sem_init(&semaphore, 1, 0));
    pthread_mutex_lock(&mutex);
    say_error("pthread_create", pthread_create(&thread, &attributes, run_thread, NULL));
    say_error("pthread_cond_wait", pthread_cond_wait(&cond, &mutex));
    pthread_mutex_unlock(&mutex);
    TRY(sem_wait(&semaphore));
    say_error("pthread_join", pthread_join(thread, NULL));
    say_error("pthread_create", pthread_create(&thread, NULL, wait_for_ever, NULL));
    say_error("pthread_setname_np of another", pthread_setname_np(thread, "other"));
    say_error("pthread_kill", pthread_kill(thread, 0));
    say_error("pthread_cancel", pthread_cancel(thread));
    say_error("pthread_join a cancelled one", pthread_join(thread, NULL));
    say_error("pthread_barrier_init", pthread_barrier_init(&barrier, NULL, 1));
    TRY(pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD ? 0 : -1);
    say_error("pthread_rwlock_wrlock", pthread_rwlock_wrlock(&lock));
    TRY(thrd_create(&c11, run_c11, &value) == thrd_success ? 0 : -1);
    TRY(thrd_join(c11, &value) == thrd_success ? 0 : -1);
}

/* aio(7) is glibc's threads, not the kernel's calls. */
static void try_aio(void)
{
    struct aiocb block = {.aio_fildes = open("two", O_RDONLY), .aio_buf = malloc(8), .aio_nbytes = 8};
    const struct aiocb *list[] = {&block};

    TRY(aio_read(&block));
    TRY(aio_suspend(list, 1, NULL));
    TRY(aio_return(&block));
}

static void try_processes(char *self)
{
    char *words[] = {self, (char *)"nothing", NULL};
    int status = 0;
    siginfo_t info;
    pid_t pid;

    pid = fork();
    if (pid == 0)
        _exit(0);
    TRY(setpgid(pid, pid) < 0 && errno != EACCES && errno != ESRCH ? -1 : 0);
    TRY(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    TRY(waitpid(pid, &status, 0));
    pid = vfork();
    if (pid == 0)
        _exit(0);
    TRY(wait4(pid, &status, 0, NULL));
    say_error("posix_spawn", posix_spawn(&pid, self, NULL, NULL, words, environ));
    TRY(waitpid(pid, &status, 0));
    TRY(status ? -1 : 0);
    TRY(system("exit 0") == 0 ? 0 : -1);
    TRY(pclose(popen("cat /dev/null", "r")));
    TRY(getppid());
    TRY(getpgrp());
    TRY(getsid(0));
    /* A daemon: daemon(3) does fork, setsid, chdir, and opens /dev/null. */
    pid = fork();
    if (pid == 0)
        _exit(setsid() < 0 || fork() < 0 || chdir("/") != 0 || open("/dev/null", O_RDWR) < 0);
    TRY(waitpid(pid, &status, 0));
    TRY(status ? -1 : 0);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc > 1)
        return 0;
    try_files();
    try_surroundings();
    try_time();
    try_signals();
    try_stream();
    try_datagrams();
    try_names();
    try_waiting();
    try_threads();
    try_aio();
    try_processes(argv[0]);
    printf("calls: %d\n", count);
    return 0;
}
