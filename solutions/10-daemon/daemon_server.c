/**
 * @file daemon_server.c
 * @brief Lab 10: a server without a terminal.
 *
 *     daemon_server PORT PIDFILE
 *
 * Listens on PORT of every IPv4 address of this machine, becomes a daemon, and sends every byte of
 * every client back; any number of clients at the same time, a process for each. PORT is a decimal
 * number, 1 to 65535. PIDFILE gets the daemon's process id and a newline, and a lock that says that
 * this daemon lives; it is taken as seen from where the command was started.
 *
 * The command ends with status 0 once the daemon serves. When something fails before that, it says
 * so on the terminal and ends with status 1 (2 for wrong usage), and neither a process nor a new
 * PIDFILE stays behind. From then on there is only the system log: `started`, `stopped`, and what
 * goes wrong between.
 *
 * SIGTERM ends the daemon and all that belongs to it. SIGHUP does nothing.
 *
 * Take over what you have: the way to the first client is your own of lab 04, the echo of lab 06,
 * the way to be told to stop of lab 08, the process for each client of lab 09.
 */

#define _GNU_SOURCE /* for ppoll(), which POSIX has only since 2024 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/** Clients that the kernel keeps waiting, already connected, until they are accepted. */
#define BACKLOG 16

/** How much is read from a client at once. */
#define CHUNK 4096

/** The PIDFILE: whose lock says that the daemon lives. */
struct pidfile {
    int fd;     /**< open and locked as long as the daemon lives; -1 before */
    char *path; /**< absolute, since a daemon works in `/`; from realpath(), NULL before */
};

/** SIGTERM has come. */
static volatile sig_atomic_t told_to_stop = 0;

/**
 * Reads a port number: digits and nothing else.
 *
 * @return 1 to 65535, or -1 when the text is no such number
 */
static int parse_port(const char *text)
{
    int port = 0;

    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        port = port * 10 + (*text - '0');
        if (port > 65535)
            return -1;
    }
    return port == 0 ? -1 : port;
}

/**
 * Makes the door: a TCP socket that listens on the port, on every IPv4 address (lab 04).
 *
 * @return the listening descriptor, or -1 when a call failed; a line on stderr then names the call
 */
static int open_listener(int port)
{
    int listener = -1;
    /* @skeleton (void)port; // delete these two lines when the step is written */
    /* @skeleton fputs("daemon_server: there is no listener yet\n", stderr); */

    /*
     * Yours of lab 04: take its steps over, from socket() to listen(). It is done here, by the
     * command, and not later by the daemon: whoever types the command then reads on his terminal
     * that the port is taken. And from listen() on no client is turned away; the kernel queues
     * those who come while the rest is still being done.
     */
    //! [listener]
    const int on = 1;
    struct sockaddr_in address;
    const char *call = "socket";

    /* Non-blocking: see the loop that accepts. */
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (listener == -1)
        goto failed;

    call = "setsockopt";
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
        goto failed;

    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons((in_port_t)port);
    call = "bind";
    if (bind(listener, (const struct sockaddr *)&address, sizeof(address)) == -1)
        goto failed;

    call = "listen";
    if (listen(listener, BACKLOG) == 0)
        return listener;

failed:
    /* Said before close(), which may change errno. */
    perror(call);
    if (listener != -1)
        close(listener);
    listener = -1;
    //! [listener]

    return listener;
}

/* --- the PIDFILE ---------------------------------------------------------------------------- */

/**
 * Opens the PIDFILE and locks it. What is in it stays as it is.
 *
 * @return 0, or -1 after a line on stderr, with nothing left open
 */
static int claim_pidfile(const char *path, struct pidfile *pidfile)
{
    /* @skeleton (void)path, (void)pidfile; // delete this line when the step is written */

    /*
     * Open the file, made if it is not there, and lock it: exclusively, and without waiting. Leave
     * descriptor and absolute path in `pidfile`.
     *
     * Only the lock says whether another daemon lives. The file alone says nothing: it outlives a
     * daemon that was killed, and the number in it may be anybody's by now. The kernel takes the
     * lock back when its holder ends, however it ends.
     *
     * So nothing may be done to the file before it is locked. O_TRUNC would wipe out the number of
     * the daemon that lives, at the very moment in which you learn that it does.
     *
     * Which lock? One taken with flock() belongs to the open file and is inherited by fork(); one
     * taken with fcntl() or lockf() belongs to the process, and is lost by fork() and by closing
     * any descriptor of that file. With those, only the daemon itself can take it.
     *
     * One more trap: a daemon that is just ending removes the file. You may have opened it before
     * and locked it after that; then you hold the lock of a file that has no name any more. Look
     * at the number of its links, and begin again.
     */
    //! [claim]
    struct stat info;

    for (;;) {
        pidfile->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (pidfile->fd == -1) {
            perror(path);
            return -1;
        }
        if (flock(pidfile->fd, LOCK_EX | LOCK_NB) == -1) {
            if (errno == EWOULDBLOCK)
                fprintf(stderr, "%s: another daemon holds the lock: %s\n", path, strerror(errno));
            else
                perror("flock");
            break;
        }
        if (fstat(pidfile->fd, &info) == 0 && info.st_nlink > 0) {
            pidfile->path = realpath(path, NULL);
            if (pidfile->path != NULL)
                return 0;
            perror("realpath");
            break;
        }
        close(pidfile->fd);
    }
    close(pidfile->fd);
    pidfile->fd = -1;
    //! [claim]

    return -1;
}

/**
 * Writes this process's id into the file that it has locked.
 *
 * @return 0, or -1 with errno
 */
static int write_number(const struct pidfile *pidfile)
{
    /*
     * The daemon's own id, and a newline. getpid() is right only when the last fork() is behind
     * you: each fork() makes another process with another id.
     *
     * The file may hold the longer number of a daemon that was killed. Cut it to nothing first, or
     * its last digits stay behind yours.
     */
    //! [number]
    char line[32];
    int length = snprintf(line, sizeof(line), "%ld\n", (long)getpid());

    if (ftruncate(pidfile->fd, 0) == -1 || write(pidfile->fd, line, (size_t)length) != length)
        return -1;
    //! [number]
    /* @skeleton (void)pidfile; // delete this line when the step is written */

    return 0;
}

/** Removes the PIDFILE, if there is one by now: for the way out. Its lock is still held. */
static void remove_pidfile(struct pidfile *pidfile)
{
    /*
     * First the name, then the lock: in this order nobody can lock a file that is about to vanish
     * without a way to notice. And only the holder of the lock may come here. Whoever was refused
     * would remove the file of the daemon that lives.
     */
    //! [remove]
    if (pidfile->path != NULL && unlink(pidfile->path) == -1)
        syslog(LOG_WARNING, "%s: %m", pidfile->path);
    //! [remove]
    free(pidfile->path);
    pidfile->path = NULL;
    if (pidfile->fd != -1)
        close(pidfile->fd);
    pidfile->fd = -1;
}

/* --- becoming a daemon ---------------------------------------------------------------------- */

/**
 * The rest of the command's life: waits for the daemon's word.
 *
 * @return the command's exit status: 0 when the daemon serves
 */
static int await_word(int hear)
{
    int status = EXIT_FAILURE;
    /* @skeleton (void)hear; // delete this line when the step is written */

    /*
     * The command may say 0 only when the daemon serves, so it has to wait until the daemon says
     * so. A pipe does it: read() blocks until a byte comes, or returns 0 when nobody is left who
     * could write one. The second case is a daemon that failed; it has said why, for its stderr is
     * still the terminal.
     *
     * This needs the write end to be closed in every process that does not use it, the command
     * itself first: as long as it is open anywhere, there is no end of file.
     */
    //! [await]
    char word = 0;
    ssize_t got = 0;

    do
        got = read(hear, &word, 1);
    while (got == -1 && errno == EINTR);
    status = got == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
    //! [await]

    return status;
}

/**
 * Leaves the session and with it the terminal. Only the process that is to be the daemon returns
 * from here, with 0; -1 is a failure, after a line on stderr, in whatever process met it.
 *
 * @param tell where the daemon will give its word
 */
static int leave_session(int *tell)
{
    /*
     * Three steps, and each needs the one before.
     *
     * 1. A child goes on. It leads no process group, so it may call setsid(); the command itself
     *    was made the leader of one by the shell. The command stays only for the daemon's word.
     * 2. setsid(): a new session, which has no terminal. Hanging up or typing ^C there concerns us
     *    no more. But its leader gets a terminal again by opening one without O_NOCTTY.
     * 3. So the leader's child goes on, and the leader ends: no session of ours can have a terminal
     *    any more.
     *
     * The process between leaves with _exit(): exit() would write out a second time what the command
     * has in its stdio buffers. And who fails keeps the pipe: it ends with the process, when all is
     * cleared away, so that the command does not end before that.
     */
    //! [session]
    int ends[2];
    pid_t child = -1;

    if (pipe(ends) == -1) {
        perror("pipe");
        return -1;
    }
    child = fork();
    if (child == -1) {
        perror("fork");
        close(ends[0]);
        close(ends[1]);
        return -1;
    }
    if (child > 0) {
        close(ends[1]);
        exit(await_word(ends[0]));
    }
    close(ends[0]);

    if (setsid() == -1) {
        perror("setsid");
        return -1;
    }
    child = fork();
    if (child == -1) {
        perror("fork");
        return -1;
    }
    if (child > 0)
        _exit(EXIT_SUCCESS);
    *tell = ends[1];
    //! [session]
    /* @skeleton (void)tell, (void)await_word(-1); // delete this line when the step is written */

    return 0;
}

/**
 * Gives up what the command was given by its surroundings.
 *
 * @return 0, or -1 after a line on stderr
 */
static int change_surroundings(void)
{
    /*
     * `/` as working directory: a daemon that stays in a directory keeps its file system from
     * being unmounted. (Relative paths mean something else from here on.) A umask of its own: files
     * that it makes are not to depend on who started it. 027 keeps others out, and leaves the
     * group's right to read.
     */
    //! [surroundings]
    if (chdir("/") == -1) {
        perror("chdir");
        return -1;
    }
    umask(027);
    //! [surroundings]

    return 0;
}

/**
 * Puts /dev/null in the place of stdin, stdout and stderr.
 *
 * @return 0, or -1 after a line on stderr
 */
static int let_go_of_terminal(void)
{
    /*
     * The three must stay open: the next descriptor that is opened, a client's connection perhaps,
     * would get the number 2, and every perror() would be sent to that client. And they must not
     * stay what they were: a shell that waits for the end of our output would wait for ever.
     *
     * It comes late, so that everything that can fail before it is still seen on the terminal.
     */
    //! [null]
    int null_device = open("/dev/null", O_RDWR);

    if (null_device == -1) {
        perror("/dev/null");
        return -1;
    }
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (dup2(null_device, fd) == -1) {
            perror("dup2");
            close(null_device);
            return -1;
        }
    }
    if (null_device > STDERR_FILENO)
        close(null_device);
    //! [null]

    return 0;
}

/**
 * From the command to the daemon. Returns in the daemon only, with 0, when it is one in every
 * respect; -1 is a failure, after a line on stderr.
 */
static int become_daemon(const struct pidfile *pidfile)
{
    int tell = -1;

    if (leave_session(&tell) == -1 || change_surroundings() == -1)
        return -1;
    if (write_number(pidfile) == -1) {
        perror(pidfile->path);
        return -1;
    }

    /*
     * The way to the system log: the name under which our lines appear, our process id in each
     * (LOG_PID), and that we are a daemon. LOG_NDELAY opens it now, while we are still in control.
     */
    //! [log]
    openlog("daemon_server", LOG_PID | LOG_NDELAY, LOG_DAEMON);
    //! [log]
    if (let_go_of_terminal() == -1)
        return -1;
    //! [started]
    syslog(LOG_INFO, "started");
    //! [started]

    /*
     * Give the command its word: one byte, now that nothing can fail any more. Then close this end;
     * the daemon has no further use for it.
     */
    //! [word]
    if (write(tell, "1", 1) != 1)
        syslog(LOG_WARNING, "the command has not waited: %m");
    //! [word]
    if (tell != -1)
        close(tell);
    return 0;
}

/* --- serving -------------------------------------------------------------------------------- */

/** Sends all of it. @return 0, or -1 with errno */
static int send_all(int conn, const char *bytes, size_t length)
{
    //! [send]
    while (length > 0) {
        ssize_t sent = write(conn, bytes, length);

        if (sent == -1 && errno == EINTR)
            continue;
        if (sent == -1)
            return -1;
        bytes += sent;
        length -= (size_t)sent;
    }
    //! [send]
    /* @skeleton (void)conn, (void)bytes, (void)length; // delete this line when it is written */
    return 0;
}

/** Sends back what a client sends, until it has closed its side (lab 06). */
static void echo(int conn)
{
    /* @skeleton (void)conn, (void)send_all(-1, "", 0); // delete this line when it is written */

    /*
     * Yours of lab 06. Only the complaints go elsewhere: stderr is /dev/null now, so that a
     * perror() is heard by nobody. syslog() has the `%m` for it, which is strerror(errno).
     */
    //! [echo]
    char bytes[CHUNK];

    for (;;) {
        ssize_t got = read(conn, bytes, sizeof(bytes));

        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1)
            syslog(LOG_WARNING, "read: %m");
        if (got <= 0)
            return;
        if (send_all(conn, bytes, (size_t)got) == -1) {
            syslog(LOG_WARNING, "write: %m");
            return;
        }
    }
    //! [echo]
}

/** The whole life of a client's process. */
static void serve_client(int conn, int listener, const struct pidfile *pidfile)
    __attribute__((noreturn));
static void serve_client(int conn, int listener, const struct pidfile *pidfile)
{
    /* @skeleton (void)listener, (void)pidfile; // delete this line when the step is written */

    /*
     * What belongs to the daemon alone is closed here (lab 09). The listening socket: else the port
     * would stay taken as long as this client stays. The PIDFILE: else the lock would, if the
     * daemon were killed (its lock is inherited, see there).
     *
     * And the signals as they were: SIGTERM, which the daemon keeps blocked and catches, has to end
     * this process without ceremony.
     */
    //! [child]
    sigset_t none;

    close(listener);
    close(pidfile->fd);
    signal(SIGTERM, SIG_DFL);
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    //! [child]

    echo(conn);
    close(conn);
    _exit(0);
}

/** SIGTERM: the loop looks at the flag. SIGCHLD: it only has to interrupt the wait. */
static void on_signal(int number)
{
    if (number == SIGTERM)
        told_to_stop = 1;
}

/**
 * Arranges what each signal does from now on.
 *
 * @param waiting the signals that are to be blocked while the daemon waits: as they were before
 * @return 0, or -1 after a line on stderr
 */
static int arrange_signals(sigset_t *waiting)
{
    /* @skeleton (void)waiting, (void)on_signal; // delete these lines when the step is written */
    /* @skeleton fputs("daemon_server: signals are not arranged yet\n", stderr); */

    /*
     * SIGPIPE: a client that has gone costs a write (lab 04). SIGHUP: a terminal that hangs up is
     * none of ours, and many daemons read their configuration again when somebody sends it; this
     * one has none. Both are ignored. Done before the daemon is one: a signal that comes between
     * must not end it.
     *
     * SIGTERM and SIGCHLD are caught, and blocked except while ppoll() waits (lab 08): so none can
     * get lost between the look at the flag and the wait.
     */
    //! [signals]
    struct sigaction action;
    sigset_t blocked;

    memset(&action, 0, sizeof(action));
    sigemptyset(&action.sa_mask);
    action.sa_handler = SIG_IGN;
    if (sigaction(SIGPIPE, &action, NULL) == -1 || sigaction(SIGHUP, &action, NULL) == -1)
        goto failed;
    action.sa_handler = on_signal;
    if (sigaction(SIGTERM, &action, NULL) == -1 || sigaction(SIGCHLD, &action, NULL) == -1)
        goto failed;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &blocked, waiting) == -1)
        goto failed;
    sigdelset(waiting, SIGTERM);
    sigdelset(waiting, SIGCHLD);
    return 0;

failed:
    perror("sigaction");
    //! [signals]
    return -1;
}

/** Takes a client whose connection is there, and makes a process for it. */
static void take_client(int listener, const struct pidfile *pidfile)
{
    /* @skeleton (void)listener, (void)pidfile, (void)serve_client; // delete this line */

    /*
     * Yours of labs 04 and 09: accept; a process for the client; close the connection in the
     * daemon. No failure ends the daemon: it is logged, and the next client is served.
     *
     * The client whose arrival ended the wait may be gone again. On a blocking listener accept()
     * would then wait for the next one, and SIGTERM with it, since it is blocked outside of
     * ppoll(): so the listener does not block, and EAGAIN is an answer like others.
     */
    //! [client]
    const struct timespec moment = {.tv_sec = 0, .tv_nsec = 100000000};
    int conn = accept(listener, NULL, NULL);
    pid_t child = -1;

    if (conn == -1) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            syslog(LOG_WARNING, "accept: %m");
            nanosleep(&moment, NULL); /* nothing is free to serve it with: do not spin meanwhile */
        }
        return;
    }
    child = fork();
    if (child == 0)
        serve_client(conn, listener, pidfile);
    if (child == -1)
        syslog(LOG_WARNING, "fork: %m");
    close(conn);
    //! [client]
}

/** Serves until SIGTERM comes. */
static void serve(int listener, const struct pidfile *pidfile, const sigset_t *waiting)
{
    /* @skeleton (void)waiting, (void)take_client; // delete this line when the step is written */
    /* @skeleton (void)listener, (void)pidfile; // and this one */

    /*
     * Wait with ppoll(), whose mask lets the two signals through. After each wait: collect the
     * children that have ended, all of them, since signals merge (lab 09); take a client if there
     * is one; look at the flag.
     */
    //! [serve]
    struct pollfd door = {.fd = listener, .events = POLLIN};

    while (!told_to_stop) {
        int ready = ppoll(&door, 1, NULL, waiting);

        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
        if (ready == 1 && !told_to_stop)
            take_client(listener, pidfile);
    }
    //! [serve]
}

/** Ends the clients' processes and waits until they are gone. */
static void end_clients(void)
{
    /*
     * All of them are in our process group: setsid() made it, and nobody else is in it. So kill()
     * with 0 in the place of a process id reaches each, and ourselves too; ignore SIGTERM here
     * before. Then wait for them: "all its processes are gone" shall be true when this one is.
     */
    //! [end]
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    while (wait(NULL) > 0 || errno == EINTR)
        continue;
    //! [end]
}

int main(int argc, char *argv[])
{
    int port = argc == 3 ? parse_port(argv[1]) : -1;
    struct pidfile pidfile = {.fd = -1, .path = NULL};
    sigset_t waiting;

    if (port == -1) {
        fprintf(stderr, "usage: daemon_server PORT PIDFILE    (PORT: 1 to 65535)\n");
        return 2;
    }

    /*
     * Whoever starts us may have left descriptors open, and a daemon would keep them for months: a
     * pipe that never ends, a disk that cannot be unmounted. Close all from 3 on, now, while none
     * of them is our own.
     */
    //! [inherited]
    closefrom(STDERR_FILENO + 1);
    //! [inherited]

    int listener = open_listener(port);
    if (listener == -1)
        return EXIT_FAILURE;
    if (claim_pidfile(argv[2], &pidfile) == -1) {
        close(listener);
        return EXIT_FAILURE;
    }
    if (arrange_signals(&waiting) == -1 || become_daemon(&pidfile) == -1) {
        remove_pidfile(&pidfile);
        close(listener);
        return EXIT_FAILURE;
    }

    serve(listener, &pidfile, &waiting);

    close(listener);
    end_clients();
    remove_pidfile(&pidfile);
    //! [stopped]
    syslog(LOG_INFO, "stopped");
    //! [stopped]
    closelog();
    return EXIT_SUCCESS;
}
