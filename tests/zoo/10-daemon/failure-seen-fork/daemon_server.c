/* zoo: fails failure-seen -- a fork that fails leaves the PIDFILE behind */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

static volatile sig_atomic_t stop;
static char pidpath[4096];
static int lockfd;

static void on_term(int s) { (void)s; stop = 1; }
static void on_chld(int s)
{
    int e = errno;
    (void)s;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    errno = e;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int port_of(const char *s)
{
    if (!*s || strspn(s, "0123456789") != strlen(s))
        return -1;
    long p = strtol(s, NULL, 10);
    return p >= 1 && p <= 65535 ? (int)p : -1;
}

static int make_listener(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port), .sin_addr = {htonl(INADDR_ANY)}};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd == -1)
        fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) == -1)
        fail("bind");
    if (listen(fd, 10) == -1)
        fail("listen");
    return fd;
}

static void lock_pidfile(const char *path)
{
    lockfd = open(path, O_RDWR | O_CREAT, 0644);
    if (lockfd == -1)
        fail(path);
    if (flock(lockfd, LOCK_EX | LOCK_NB) == -1)
        fail(path);
    if (!realpath(path, pidpath))
        fail("realpath");
}

static void write_pid(void)
{
    char line[32];
    int n = snprintf(line, sizeof line, "%d\n", (int)getpid());
    if (ftruncate(lockfd, 0) == -1 || write(lockfd, line, (size_t)n) != n)
        fail(pidpath);
}

static void redirect(void)
{
    int fd = open("/dev/null", O_RDWR);
    if (fd == -1)
        fail("/dev/null");
    dup2(fd, 0);
    dup2(fd, 1);
    dup2(fd, 2);
    if (fd > 2)
        close(fd);
}

/* Returns in the daemon: where to tell that it serves. */
static int detach(void)
{
    int p[2];
    char c;
    if (pipe(p) == -1)
        fail("pipe");
    pid_t child = fork();
    if (child == -1)
        fail("fork");
    if (child > 0) {
        ssize_t n;
        close(p[1]);
        while ((n = read(p[0], &c, 1)) == -1 && errno == EINTR)
            ;
        exit(n == 1 ? 0 : 1);
    }
    close(p[0]);
    if (setsid() == -1)
        fail("setsid");
    child = fork();
    if (child == -1)
        fail("fork");
    if (child > 0)
        _exit(0);
    return p[1];
}

static int echo(int fd)
{
    char b[2048];
    ssize_t n, m, done;
    for (;;) {
        n = read(fd, b, sizeof b);
        if (n == -1 && errno == EINTR)
            continue;
        if (n <= 0)
            return (int)n;
        for (done = 0; done < n; done += m) {
            m = write(fd, b + done, (size_t)(n - done));
            if (m == -1 && errno == EINTR)
                m = 0;
            if (m == -1)
                return -1;
        }
    }
}

static void serve(int listener)
{
    sigset_t term, old;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, &old);
    while (!stop) {
        fd_set r;
        FD_ZERO(&r);
        FD_SET(listener, &r);
        if (pselect(listener + 1, &r, NULL, NULL, NULL, &old) != 1)
            continue;
        int conn = accept(listener, NULL, NULL);
        if (conn == -1)
            continue;
        pid_t child = fork();
        if (child == 0) {
            signal(SIGTERM, SIG_DFL);
            sigprocmask(SIG_SETMASK, &old, NULL);
            close(listener);
            close(lockfd);
            echo(conn);
            close(conn);
            _exit(0);
        }
        close(conn);
    }
}

int main(int argc, char **argv)
{
    int port = argc == 3 ? port_of(argv[1]) : -1;
    if (port == -1) {
        fprintf(stderr, "usage: %s PORT PIDFILE\n", argv[0]);
        return 2;
    }
    closefrom(3);
    int listener = make_listener(port);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    lock_pidfile(argv[2]);
    int tell = detach();
    if (chdir("/") == -1)
        fail("chdir");
    umask(027);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, on_term);
    signal(SIGCHLD, on_chld);
    write_pid();
    openlog("daemon_server", LOG_PID, LOG_DAEMON);
    syslog(LOG_INFO, "started");
    redirect();
    if (write(tell, "x", 1) != 1)
        return 1;
    close(tell);
    serve(listener);
    close(listener);
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    unlink(pidpath);
    syslog(LOG_INFO, "stopped");
    return 0;
}
