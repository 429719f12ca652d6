/**
 * @file
 * A program that tries the walls of the sandbox and says what it found, a line for each try:
 *
 *     sandbox_probe VERB [ARGUMENT...] [-- VERB [ARGUMENT...]]...
 *
 * Lines are "what: result"; a result is a value, "ok", or an errno's name. Output is unbuffered.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <linux/filter.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

static void say(const char *what, long result)
{
    if (result >= 0)
        printf("%s: ok\n", what);
    else
        printf("%s: %s\n", what, strerrorname_np(errno));
}

/* --- who ------------------------------------------------------------------------------------ */

static void show_id(char **arguments)
{
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");

    (void)arguments;
    printf("uid: %d\n", (int)getuid());
    while (status && fgets(line, sizeof line, status)) {
        if (!strncmp(line, "Cap", 3) || !strncmp(line, "NoNewPrivs", 10) ||
            !strncmp(line, "Seccomp:", 8))
            printf("%s", line);
    }
    if (status)
        fclose(status);
    printf("leader: %d\n", getsid(0) == getpid());
    printf("dumpable: %d\n", prctl(PR_GET_DUMPABLE));
}

static void show_descriptors(char **arguments)
{
    (void)arguments;
    printf("descriptors:");
    for (int fd = 0; fd < 1024; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            printf(" %d", fd);
    }
    printf("\n");
}

static void show_limits(char **arguments)
{
    static const struct {
        const char *name;
        __rlimit_resource_t resource;
    } limits[] = {{"cpu", RLIMIT_CPU},     {"data", RLIMIT_DATA},   {"files", RLIMIT_NOFILE},
                  {"fsize", RLIMIT_FSIZE}, {"nproc", RLIMIT_NPROC}, {"core", RLIMIT_CORE}};
    struct rlimit limit;

    (void)arguments;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        getrlimit(limits[i].resource, &limit);
        printf("%s: %lld %lld\n", limits[i].name, (long long)limit.rlim_cur,
               (long long)limit.rlim_max);
    }
}

static void show_signals(char **arguments)
{
    struct sigaction action;
    sigset_t blocked;
    int ignored = 0, masked = 0;

    (void)arguments;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    for (int number = 1; number < NSIG; number++) {
        ignored += sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
        masked += sigismember(&blocked, number) == 1;
    }
    printf("signals: %d ignored, %d blocked\n", ignored, masked);
}

/* --- files ---------------------------------------------------------------------------------- */

static void try_write(char **paths)
{
    for (; *paths; paths++) {
        int fd = open(*paths, O_WRONLY | O_CREAT | O_EXCL, 0600);
        printf("write ");
        say(*paths, fd);
        if (fd >= 0)
            close(fd);
    }
}

static void try_read(char **paths)
{
    for (; *paths; paths++) {
        int fd = open(*paths, O_RDONLY);
        printf("read ");
        say(*paths, fd);
        if (fd >= 0)
            close(fd);
    }
}

static void try_access(char **paths)
{
    for (; *paths; paths++) {
        printf("see ");
        say(*paths, access(*paths, F_OK));
    }
}

static void show_directory(char **paths)
{
    for (; *paths; paths++) {
        DIR *directory = opendir(*paths);
        struct dirent *entry;
        int count = 0;
        while (directory && (entry = readdir(directory)))
            count += entry->d_name[0] != '.';
        printf("entries %s: %d\n", *paths, count);
        if (directory)
            closedir(directory);
    }
}

static void show_size(char **paths)
{
    struct statvfs fs;

    for (; *paths; paths++) {
        if (statvfs(*paths, &fs) == 0)
            printf("size %s: %llu\n", *paths, (unsigned long long)fs.f_blocks * fs.f_frsize);
    }
}

/* --- network -------------------------------------------------------------------------------- */

static void try_network(char **arguments)
{
    struct sockaddr_in out = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct sockaddr_in lo = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in low = {.sin_family = AF_INET, .sin_port = htons(80)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct if_nameindex *names = if_nameindex();
    struct ifreq request = {.ifr_name = "lo"};

    (void)arguments;
    inet_pton(AF_INET, "192.0.2.1", &out.sin_addr);
    for (int i = 0; names && names[i].if_name; i++)
        printf("interface: %s\n", names[i].if_name);
    say("outside", connect(socket(AF_INET, SOCK_DGRAM, 0), (struct sockaddr *)&out, sizeof out));
    say("loopback", bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&lo, sizeof lo));
    say("loopback6", bind(socket(AF_INET6, SOCK_STREAM, 0), (struct sockaddr *)&six, sizeof six));
    say("port 80", bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&low, sizeof low));
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ioctl(fd, SIOCGIFFLAGS, &request);
    printf("lo: %s\n", request.ifr_flags & IFF_UP ? "up" : "down");
    request.ifr_flags = 0;
    say("lo down", ioctl(fd, SIOCSIFFLAGS, &request));
    say("hostname", sethostname("x", 1));
}

static void try_names(char **names)
{
    for (; *names; names++) {
        struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
        int error = getaddrinfo(*names, "hello-lab", &hints, &list);
        printf("name %s:%s%s", *names, error ? " " : "", error ? gai_strerror(error) : "");
        for (struct addrinfo *a = list; a; a = a->ai_next) {
            char host[64], service[16];
            getnameinfo(a->ai_addr, a->ai_addrlen, host, sizeof host, service, sizeof service,
                        NI_NUMERICHOST | NI_NUMERICSERV);
            printf(" %s/%s", host, service);
        }
        printf("\n");
        if (list)
            freeaddrinfo(list);
    }
}

static void try_log(char **arguments)
{
    openlog("sandbox_probe", LOG_PID, LOG_DAEMON);
    syslog(LOG_INFO, "%s", arguments[0]);
}

/* --- calls ---------------------------------------------------------------------------------- */

static void say_call(const char *name, long number, long a, long b, long c)
{
    say(name, syscall(number, a, b, c, 0L, 0L, 0L));
}

/* What a clone(2) with flags gives; a child that comes into being ends at once. */
static void try_clone(const char *name, unsigned long flags)
{
    long pid = syscall(SYS_clone, flags | SIGCHLD, 0L, 0L, 0L, 0L);

    if (pid == 0)
        _exit(0);
    say(name, pid);
    if (pid > 0)
        waitpid((pid_t)pid, NULL, 0);
}

static void try_entry(const char *name, int kind)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        long result = 0;
#ifdef __x86_64__
        if (kind == 0)
            __asm__ volatile("int $0x80"
                             : "=a"(result)
                             : "a"(20L)
                             : "memory", "r8", "r9", "r10", "r11");
        else
            result = syscall(0x40000000L + SYS_getpid) < 0 ? -errno : 1;
#else
        (void)kind;
        result = -ENOSYS;
#endif
        _exit((int)result == -ENOSYS ? 0 : 1);
    }
    waitpid(child, &status, 0);
    /* A kernel without 32-bit calls answers int 0x80 with SIGSEGV: shut as well. */
    printf("%s: %s\n", name, status == 0 || WIFSIGNALED(status) ? "shut" : "open");
}

static void try_calls(char **arguments)
{
    (void)arguments;
    say_call("ptrace", SYS_ptrace, PTRACE_ATTACH, -1,
             0); /* let through: ESRCH, there is no such process */
    say_call("process_vm_readv", SYS_process_vm_readv, getpid(), 0, 0);
    say_call("process_vm_writev", SYS_process_vm_writev, getpid(), 0, 0);
    say_call("bpf", SYS_bpf, 0, 0, 0);
    say_call("perf_event_open", SYS_perf_event_open, 0, 0, 0);
    say_call("io_uring_setup", SYS_io_uring_setup, 1, 0, 0);
    say_call("io_setup", SYS_io_setup, 1, 0, 0);
    say_call("userfaultfd", SYS_userfaultfd, 1, 0, 0);
    say_call("memfd_secret", 447, 0, 0, 0);
    say_call("keyctl", SYS_keyctl, 0, 0, 0);
    say_call("add_key", SYS_add_key, 0, 0, 0);
    say_call("mount", SYS_mount, 0, 0, 0);
    say_call("umount2", SYS_umount2, 0, 0, 0);
    say_call("pivot_root", SYS_pivot_root, 0, 0, 0);
    say_call("chroot", SYS_chroot, (long)"/", 0, 0);
    say_call("fsopen", SYS_fsopen, 0, 0, 0);
    say_call("unshare", SYS_unshare, CLONE_NEWUSER, 0, 0);
    say_call("setns", SYS_setns, 0, 0, 0);
    say_call("clone3", SYS_clone3, 0, 0, 0);
    say_call("seccomp", SYS_seccomp, 0, 0, 0);
    say_call("open_by_handle_at", SYS_open_by_handle_at, 0, 0, 0);
    say_call("pidfd_getfd", SYS_pidfd_getfd, 0, 0, 0);
    say_call("kcmp", SYS_kcmp, getpid(), getpid(), 0);
    say_call("clock_settime", SYS_clock_settime, 0, 0, 0);
    say_call("syslog", SYS_syslog, 10, 0, 0);
    say_call("shmget", SYS_shmget, 0, 4096, 0600);
    say_call("semget", SYS_semget, 0, 1, 0600);
    say_call("msgget", SYS_msgget, 0, 0600, 0);
    say_call("mq_open", SYS_mq_open, (long)"/x", 0, 0);
    say_call("sethostname", SYS_sethostname, (long)"x", 1, 0);
    say_call("setxattr", SYS_setxattr, (long)".", (long)"user.x", (long)"x");
    say_call("move_pages", SYS_move_pages, 0, 0, 0);
    say_call("fanotify_init", SYS_fanotify_init, 0, 0, 0);
    say_call("quotactl", SYS_quotactl, 0, 0, 0);
    say_call("kexec_load", SYS_kexec_load, 0, 0, 0);
    say_call("finit_module", SYS_finit_module, 0, 0, 0);
    say_call("sync", SYS_sync, 0, 0, 0);
    say_call("a call that nobody decided about", 460, 0, 0, 0);
    say_call("a call of tomorrow", 500, 0, 0, 0);
    try_clone("clone user", CLONE_NEWUSER);
    try_clone("clone net", CLONE_NEWNET);
    try_clone("clone untraced", CLONE_UNTRACED);
    try_clone("clone plain", 0);
    say_call("prctl seccomp", SYS_prctl, PR_SET_SECCOMP, 2, 0);
    say_call("prctl dumpable", SYS_prctl, PR_SET_DUMPABLE, 0, 0);
    printf("still dumpable: %d\n", prctl(PR_GET_DUMPABLE));
    say_call("prctl merge", SYS_prctl, 67 /* PR_SET_MEMORY_MERGE */, 1, 0);
    say_call("prctl name", SYS_prctl, PR_SET_NAME, (long)"probe", 0);
    say_call("personality asked", SYS_personality, 0xffffffffL, 0, 0);
    say_call("personality set", SYS_personality, ADDR_NO_RANDOMIZE, 0, 0);
    say_call("ioctl TIOCSTI", SYS_ioctl, 0, TIOCSTI, 0);
    say_call("ioctl TIOCSTI with rubbish above", SYS_ioctl, 0, TIOCSTI | 0x100000000L, 0);
    say_call("ioctl TIOCSETD", SYS_ioctl, 0, TIOCSETD, 0);
    try_entry("int 0x80", 0);
    try_entry("x32", 1);
}

static void try_sockets(char **arguments)
{
    static const struct {
        const char *name;
        int family, type, protocol;
    } sockets[] = {
        {"unix", AF_UNIX, SOCK_STREAM, 0},        {"inet", AF_INET, SOCK_STREAM, 0},
        {"inet6", AF_INET6, SOCK_DGRAM, 0},       {"packet", AF_PACKET, SOCK_DGRAM, 0},
        {"vsock", AF_VSOCK, SOCK_STREAM, 0},      {"alg", AF_ALG, SOCK_SEQPACKET, 0},
        {"raw", AF_INET, SOCK_RAW, IPPROTO_ICMP}, {"route", AF_NETLINK, SOCK_RAW, 0},
        {"audit", AF_NETLINK, SOCK_RAW, 9},
        {"old packet", AF_INET, SOCK_PACKET, 0},  {"sctp", AF_INET, SOCK_STREAM, 132},
        {"dccp", AF_INET6, 6, 33},                {"no type", AF_INET, 15, 0},
        {"no family", 77, SOCK_STREAM, 0},
    };

    (void)arguments;
    for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++) {
        int fd = socket(sockets[i].family, sockets[i].type | SOCK_CLOEXEC, sockets[i].protocol);
        printf("socket ");
        say(sockets[i].name, fd);
        if (fd >= 0)
            close(fd);
    }
    say("socketpair tipc", socketpair(AF_TIPC, SOCK_STREAM, 0, (int[2]){0}));
    say("attach a filter", setsockopt(socket(AF_INET, SOCK_DGRAM, 0), SOL_SOCKET, SO_ATTACH_FILTER,
                                      &(struct sock_fprog){1, &(struct sock_filter){6, 0, 0, 1}},
                                      sizeof(struct sock_fprog)));
}

/* What the one who started this program could be made to do, or to tell. */
static void try_upwards(char **arguments)
{
    char path[64];

    (void)arguments;
    say("signal upwards", kill(getppid(), 0));
    snprintf(path, sizeof path, "/proc/%d/environ", (int)getppid());
    say("environment upwards", open(path, O_RDONLY));
    snprintf(path, sizeof path, "/proc/%d/mem", (int)getppid());
    say("memory upwards", open(path, O_RDWR));
    snprintf(path, sizeof path, "/proc/%d/oom_score_adj", (int)getppid());
    say("score upwards", open(path, O_WRONLY));
}

/* --- living on ------------------------------------------------------------------------------ */

/* A daemon with a child, then the end of what was started. */
static void leave_daemon(char **arguments)
{
    (void)arguments;
    if (fork() == 0) {
        setsid();
        fork();
        for (;;)
            pause();
    }
    printf("left\n");
}

/* What a shell gives a command: a group to lead, a session that is the shell's, a terminal, a parent. */
static void show_job(char **arguments)
{
    int terminal = open("/dev/tty", O_RDWR);

    (void)arguments;
    printf("group leader: %d\n", getpgrp() == getpid());
    printf("session leader: %d\n", getsid(0) == getpid());
    printf("in a session seen: %d\n", getsid(0) > 0);
    printf("child of init: %d\n", getppid() == 1);
    printf("terminal: %d\n", terminal >= 0);
    printf("foreground: %d\n", terminal >= 0 && tcgetpgrp(terminal) == getpgrp());
    printf("descriptors: %d\n", dup(0));
    printf("shown\n");
}

static void stay(char **arguments)
{
    (void)arguments;
    printf("staying\n");
    for (;;)
        pause();
}

static void crash(char **arguments)
{
    (void)arguments;
    abort();
}

/* --- shares --------------------------------------------------------------------------------- */

/* Children that stay, until the kernel refuses or there are as many as asked for. */
static void breed(char **arguments)
{
    int most = arguments[0] ? atoi(arguments[0]) : 0, count = 0;

    for (pid_t child = 0; count < most && (child = fork()) >= 0; count++) {
        if (child == 0) {
            pause();
            _exit(0);
        }
    }
    printf("bred: %s\n", count == most ? "all" : "fewer");
}

/* That many MiB, in eight processes: no limit of one process counts them. */
static void fill(char **arguments)
{
    enum { PARTS = 8 };
    size_t size = (size_t)(arguments[0] ? atoi(arguments[0]) : 0) * 1024 * 1024 / PARTS;
    int full[2], parts = 0;
    char byte;

    if (pipe(full) != 0)
        return;
    for (int i = 0; i < PARTS; i++) {
        if (fork() == 0) {
            char *at = malloc(size);
            if (at)
                memset(at, i + 1, size);
            (void)!write(full[1], at ? "+" : "-", 1);
            close(full[1]);
            pause();
            _exit(at ? at[0] : 0); /* so that it is really written */
        }
    }
    close(full[1]);
    while (parts < PARTS && read(full[0], &byte, 1) == 1)
        parts++;
    printf("filled: %d\n", parts);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *verb;
        void (*act)(char **arguments);
    } verbs[] = {
        {"id", show_id},          {"descriptors", show_descriptors},
        {"limits", show_limits},  {"signals", show_signals},
        {"write", try_write},     {"see", try_access},
        {"read", try_read},       {"upwards", try_upwards},
        {"list", show_directory}, {"size", show_size},
        {"network", try_network}, {"names", try_names},
        {"log", try_log},         {"calls", try_calls},
        {"sockets", try_sockets}, {"daemon", leave_daemon},
        {"stay", stay},           {"crash", crash},
        {"breed", breed},         {"fill", fill},
        {"job", show_job},
    };
    int at = 1;

    setvbuf(stdout, NULL, _IONBF, 0);
    while (at < argc) {
        int end = at;
        while (end < argc && strcmp(argv[end], "--") != 0)
            end++;
        argv[end] = NULL;
        for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
            if (strcmp(argv[at], verbs[i].verb) == 0)
                verbs[i].act(argv + at + 1);
        }
        at = end + 1;
    }
    return 0;
}
