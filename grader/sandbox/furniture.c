/**
 * @file furniture.c
 * What stands in a room: directories, /etc, the loopback interface, and a prepared root for each
 * kind of run.
 *
 * Runs as PID 1 of the room with all capabilities over the room's own namespaces and none over the
 * host's. The prepared roots ("views") make a run cheap: bubblewrap binds one tree instead of
 * mounting sixteen things (measured: 4.4 ms instead of 5.4).
 */
#include "sandbox/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SERVICE_PORT_TEXT "4711"
#define SERVICE_UDP_PORT_TEXT "4712"
_Static_assert(SANDBOX_SERVICE_PORT == 4711 && SANDBOX_SERVICE_UDP_PORT == 4712, "the texts above say the same");

/* --- namespaces ----------------------------------------------------------------------------- */

const char *furniture_mount(void)
{
    /* Nothing mounted here may show outside (mount_namespaces(7)). */
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return N_("making the mounts private");
    /* The host's /proc would show the host's processes under numbers that mean nothing here. */
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
        return N_("mounting /proc");
    if (mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV,
              "size=512m,nr_inodes=65536,mode=755") != 0)
        return N_("mounting a tmpfs over /tmp");
    if (chdir("/tmp") != 0)
        return N_("entering /tmp");
    if (sethostname(SANDBOX_HOSTNAME, strlen(SANDBOX_HOSTNAME)) != 0)
        return N_("naming the host");
    return NULL;
}

/* Who asks for a namespace's connections (peer/network.c) walks all of the kernel's table, and a machine with much
 * memory has a large one: 262,144 buckets, 0.2 ms a look. A namespace may have a table of its own, whose size is set
 * in the one from which it is made (the kernel's ip-sysctl.rst, tcp_child_ehash_entries; Linux 6.1). Where the kernel
 * is older or refuses, the room goes on in the namespace that it has. */
static void take_small_network(void)
{
    static const char buckets[] = "4096";

    if (file_write("/proc/sys/net/ipv4/tcp_child_ehash_entries", buckets, strlen(buckets), 0644) == 0)
        (void)unshare(CLONE_NEWNET);
}

const char *furniture_network(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    const char *trouble = NULL;

    take_small_network();
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return N_("opening a socket");
    /* A host that has switched IPv6 off may hand that down; without the kernel's IPv6 there is no
     * such file, and labs' ::1 is not there either. */
    (void)file_write("/proc/sys/net/ipv6/conf/lo/disable_ipv6", "0", 1, 0644);
    /* In a new network namespace `lo` is there, but down (network_namespaces(7)). */
    if (ioctl(fd, SIOCGIFFLAGS, &request) != 0) {
        trouble = N_("asking for the loopback interface");
    } else {
        request.ifr_flags |= IFF_UP;
        if (ioctl(fd, SIOCSIFFLAGS, &request) != 0)
            trouble = N_("bringing the loopback interface up");
    }
    int error = errno;
    close(fd);
    errno = error;
    return trouble;
}

/* --- directories and files ------------------------------------------------------------------ */

/* With the owner that runs will have: without namespaces root makes it for somebody else. */
static int make_directory(const struct sandbox *sandbox, const char *path)
{
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return -errno;
    if (sandbox->drop && chown(path, sandbox->host_uid, sandbox->host_gid) != 0)
        return -errno;
    return 0;
}

/* Every directory above the last part of a path below base. */
static int make_parents(const struct sandbox *sandbox, char *path)
{
    for (char *slash = strchr(path + strlen(sandbox->base) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int error = make_directory(sandbox, path);
        *slash = '/';
        if (error)
            return error;
    }
    return 0;
}

static int write_file(const struct sandbox *sandbox, const struct sandbox_file *file)
{
    char path[PATH_MAX];
    int error;

    /* A name from a submission must not climb out. */
    if (file->path[0] == '/' || strstr(file->path, ".."))
        return -EINVAL;
    if (snprintf(path, sizeof path, "%s/%s", sandbox->base, file->path) >= (int)sizeof path)
        return -ENAMETOOLONG;
    error = make_parents(sandbox, path);
    if (!error)
        error = file_write(path, file->bytes, file->size, file->mode);
    if (!error && sandbox->drop && chown(path, sandbox->host_uid, sandbox->host_gid) != 0)
        error = -errno;
    return error;
}

const char *furniture_directories(const struct sandbox *sandbox)
{
    static const char *const names[] = {"src", "bin", "reference", "kit", "run", "report", "etc"};
    char path[SANDBOX_PATH_MAX];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", sandbox->base, names[i]);
        int error = make_directory(sandbox, path);
        if (error) {
            errno = -error;
            return N_("making a directory");
        }
    }
    return NULL;
}

/* /etc of every run: small, the same on every machine. */
static const struct {
    const char *path, *text;
} etc_files[] = {
    {"etc/hosts", "127.0.0.1 localhost " SANDBOX_HOSTNAME "\n"
                  "::1 localhost ip6-localhost\n"
                  "127.0.0.1 " SANDBOX_HOST "\n"
                  "::1 " SANDBOX_HOST_SIX "\n"
                  "127.0.0.2 " SANDBOX_HOST_MANY "\n"
                  "127.0.0.3 " SANDBOX_HOST_MANY "\n"
                  "127.0.0.4 " SANDBOX_HOST_MANY "\n"
                  "::1 " SANDBOX_HOST_BOTH "\n"
                  "127.0.0.1 " SANDBOX_HOST_BOTH "\n"},
    {"etc/services",
     "echo 7/tcp\necho 7/udp\ndiscard 9/tcp\ndiscard 9/udp\ndaytime 13/tcp\nssh 22/tcp\n"
     "domain 53/tcp\ndomain 53/udp\nhttp 80/tcp www\nhttps 443/tcp\nhttp-alt "
     "8080/tcp\n" SANDBOX_SERVICE " " SERVICE_PORT_TEXT "/tcp\n" SANDBOX_SERVICE
     " " SERVICE_PORT_TEXT "/udp\n" SANDBOX_SERVICE_UDP " " SERVICE_UDP_PORT_TEXT "/udp\n"},
    {"etc/protocols",
     "ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nipv6 41 IPv6\nipv6-icmp 58 IPv6-ICMP\n"},
    {"etc/passwd", "root:x:0:0:root:/:/bin/sh\n"
                   "student:x:1000:1000:student:/lab/work:/bin/sh\n"
                   "nobody:x:65534:65534:nobody:/:/bin/sh\n"},
    {"etc/group", "root:x:0:\nstudent:x:1000:\nnogroup:x:65534:\n"},
    /* Nobody is asked over a network that leads nowhere. */
    {"etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\nnetworks: files\n"
                          "services: files\nprotocols: files\n"},
    {"etc/host.conf", "multi on\n"},
    {"etc/resolv.conf", ""},
    {"etc/hostname", SANDBOX_HOSTNAME "\n"},
};

const char *furniture_files(const struct sandbox *sandbox, const struct sandbox_file *files,
                            size_t count)
{
    struct buf cache = {0};
    int error = 0;

    for (size_t i = 0; !error && i < sizeof etc_files / sizeof *etc_files; i++) {
        struct sandbox_file file = {etc_files[i].path, etc_files[i].text, strlen(etc_files[i].text),
                                    0644};
        error = write_file(sandbox, &file);
    }
    /* Where a library is that does not lie in the usual place (ld.so(8)); there need not be one. */
    if (!error && file_read("/etc/ld.so.cache", &cache) == 0) {
        struct sandbox_file file = {"etc/ld.so.cache", cache.data, cache.length, 0644};
        error = write_file(sandbox, &file);
    }
    buf_free(&cache);
    if (error) {
        errno = -error;
        return N_("writing the room's /etc");
    }
    if (sandbox->level == SANDBOX_LEVEL_FULL) {
        struct sandbox_file helper = landlock_helper();
        error = write_file(sandbox, &helper);
        if (error) {
            errno = -error;
            return N_("writing the helper into the room");
        }
    }
    for (size_t i = 0; i < count; i++) {
        error = write_file(sandbox, &files[i]);
        if (error) {
            errno = -error;
            return N_("writing a file into the room");
        }
    }
    return NULL;
}

/* --- views ---------------------------------------------------------------------------------- */

/* A mount point of a view, and what is bound there; NULL: left empty for the run. */
static const struct view_row {
    const char *at, *from;
    bool writable;
} program_view[] =
    {
        {"etc", "etc", false}, {"lab/bin", "bin", false}, {"lab/work", NULL, false},
        {"tmp", NULL, false},  {"proc", NULL, false},     {NULL, NULL, false},
},
  reference_view[] =
      {
          {"etc", "etc", false},
          {"lab/bin", "bin", false},
          {"lab/reference", "reference", false},
          {"lab/work", NULL, false},
          {"tmp", NULL, false},
          {"proc", NULL, false},
          {NULL, NULL, false},
},
  compiler_view[] = {
      {"etc", "etc", false},    {"lab/src", "src", false}, {"lab/kit", "kit", false},
      {"lab/bin", "bin", true}, {"lab/work", NULL, false}, {"tmp", NULL, false},
      {"proc", NULL, false},    {NULL, NULL, false},
};

/* The kinds' roots, as run.c names them. */
static const struct {
    const char *name;
    const struct view_row *rows;
} views[] = {
    {"program", program_view},
    {"reference", reference_view},
    {"compiler", compiler_view},
};

static int bind_at(const char *from, const char *to, bool writable)
{
    if (mount(from, to, NULL, MS_BIND | MS_REC, NULL) != 0)
        return -errno;
    /* A bind takes its flags in a second step (mount(2)); in a user namespace those that it
     * had must be named again. The tmpfs has nosuid and nodev, /usr perhaps not: nobody misses
     * them. */
    if (!writable &&
        mount("none", to, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) != 0)
        return -errno;
    return 0;
}

/* The few devices that programs need, bound from the host: no user namespace may make one. */
static int make_devices(const char *base)
{
    static const char *const devices[] = {"null", "zero", "full", "random", "urandom", "tty"};
    static const struct {
        const char *at, *to;
    } links[] = {
        {"fd", "/proc/self/fd"},
        {"stdin", "/proc/self/fd/0"},
        {"stdout", "/proc/self/fd/1"},
        {"stderr", "/proc/self/fd/2"},
        {"shm", "/tmp"}, /* shm_open(3): private and bounded like all of /tmp */
    };
    char host[SANDBOX_PATH_MAX], path[SANDBOX_PATH_MAX];
    int error = 0;

    snprintf(path, sizeof path, "%s/dev", base);
    if (mkdir(path, 0755) != 0)
        return -errno;
    for (size_t i = 0; !error && i < sizeof devices / sizeof *devices; i++) {
        snprintf(host, sizeof host, "/dev/%s", devices[i]);
        snprintf(path, sizeof path, "%s/dev/%s", base, devices[i]);
        error = file_write(path, "", 0, 0644);
        if (!error && mount(host, path, NULL, MS_BIND, NULL) != 0)
            error = -errno;
    }
    for (size_t i = 0; !error && i < sizeof links / sizeof *links; i++) {
        snprintf(path, sizeof path, "%s/dev/%s", base, links[i].at);
        if (symlink(links[i].to, path) != 0)
            error = -errno;
    }
    /* Where a run's log socket is bound; without one, syslog(3) is refused as without a daemon. */
    snprintf(path, sizeof path, "%s/dev/log", base);
    return error ? error : file_write(path, "", 0, 0644);
}

/* /bin, /lib and so on: links into /usr on a merged system, directories on others. */
static int copy_top_level(const char *view)
{
    static const char *const names[] = {"bin", "sbin", "lib", "lib32", "lib64", "libx32"};
    char host[32], path[SANDBOX_PATH_MAX], target[PATH_MAX];
    struct stat st;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(host, sizeof host, "/%s", names[i]);
        snprintf(path, sizeof path, "%s/%s", view, names[i]);
        if (lstat(host, &st) != 0)
            continue;
        if (S_ISLNK(st.st_mode)) {
            ssize_t length = readlink(host, target, sizeof target - 1);
            if (length < 0)
                return -errno;
            target[length] = '\0';
            if (symlink(target, path) != 0)
                return -errno;
            continue;
        }
        if (mkdir(path, 0755) != 0)
            return -errno;
        int error = bind_at(host, path, false);
        if (error)
            return error;
    }
    return 0;
}

static int make_view(const struct sandbox *sandbox, const char *name, const struct view_row *rows)
{
    char view[SANDBOX_PATH_MAX - 32], path[SANDBOX_PATH_MAX], from[SANDBOX_PATH_MAX];
    int error;

    snprintf(view, sizeof view, "%s/view/%s", sandbox->base, name);
    if (mkdir(view, 0755) != 0)
        return -errno;
    /* A mount of its own, so that it can be made read-only when it is complete. */
    error = bind_at(view, view, true);
    snprintf(path, sizeof path, "%s/lab", view);
    if (!error && mkdir(path, 0755) != 0)
        error = -errno;
    if (!error)
        error = copy_top_level(view);
    snprintf(path, sizeof path, "%s/usr", view);
    if (!error && mkdir(path, 0755) != 0)
        error = -errno;
    if (!error)
        error = bind_at("/usr", path, false);
    snprintf(path, sizeof path, "%s/dev", view);
    snprintf(from, sizeof from, "%s/dev", sandbox->base);
    if (!error && mkdir(path, 0755) != 0)
        error = -errno;
    if (!error)
        error = bind_at(from, path, false);
    for (; !error && rows->at; rows++) {
        snprintf(path, sizeof path, "%s/%s", view, rows->at);
        snprintf(from, sizeof from, "%s/%s", sandbox->base, rows->from ? rows->from : "");
        if (mkdir(path, 0755) != 0)
            error = -errno;
        else if (rows->from)
            error = bind_at(from, path, rows->writable);
    }
    if (!error && mount("none", view, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV,
                        NULL) != 0)
        error = -errno;
    return error;
}

const char *furniture_views(const struct sandbox *sandbox)
{
    char path[SANDBOX_PATH_MAX];
    int error;

    snprintf(path, sizeof path, "%s/view", sandbox->base);
    error = mkdir(path, 0755) == 0 ? make_devices(sandbox->base) : -errno;
    for (size_t i = 0; !error && i < sizeof views / sizeof *views; i++)
        error = make_view(sandbox, views[i].name, views[i].rows);
    if (!error)
        return NULL;
    errno = -error;
    return N_("preparing the programs' root");
}
