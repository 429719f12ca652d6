/**
 * @file remedy.c
 * What helps. Each remedy stands under the thing seen that it answers; several may apply, the
 * surest first. Commands are given whole, to be copied.
 */
#include "doctor/doctor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void remedy_add(struct doctor_finding *f, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    if (f->remedies == DOCTOR_REMEDIES)
        return;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    f->remedy[f->remedies++] = buf_take(&text);
}

void remedy_package(struct doctor_finding *f, const struct doctor_facts *facts, const char *package)
{
    if (facts->machine.apt)
        remedy_add(f, _("sudo apt-get install %s"), package);
    else
        remedy_add(f, _("Install %s (that is its name on Debian and Ubuntu)."), package);
}

static bool in_container(const struct sandbox_survey *m)
{
    return m->home == HOME_DOCKER || m->home == HOME_PODMAN || m->home == HOME_CONTAINER;
}

static bool is_confined(const struct sandbox_survey *m)
{
    return m->profile[0] && strncmp(m->profile, "unconfined", strlen("unconfined")) != 0;
}

/* The options of docker run or podman run that take away just what was seen. */
static void remedy_container(struct doctor_finding *f, const struct sandbox_survey *m)
{
    bool podman = m->home == HOME_PODMAN;
    const char *run = podman ? "podman run" : "docker run";
    struct buf options = {0};

    if (m->home == HOME_CONTAINER) {
        remedy_add(
            f,
            _("This is a container (LXC, systemd-nspawn or another): allow nesting in it, for LXC "
              "with security.nesting=true."));
        return;
    }
    if (m->filtered)
        buf_puts(&options, " --security-opt seccomp=unconfined");
    if (is_confined(m))
        buf_puts(&options, " --security-opt apparmor=unconfined");
    if (m->proc_covered)
        buf_puts(&options,
                 podman ? " --security-opt unmask=ALL" : " --security-opt systempaths=unconfined");
    if (options.length == 0 && f->remedies > 0)
        return; /* what was seen is no restriction of the container's */
    if (options.length > 0)
        remedy_add(f, _("Start the container with: %s%s ..."), run, buf_text(&options));
    remedy_add(
        f,
        _("%s %s --privileged ... It takes every restriction away: only for a container that "
          "grades and does nothing else."),
        options.length > 0 ? _("Or with:") : _("Start the container with:"), run);
    buf_free(&options);
}

void remedy_namespaces(struct doctor_finding *f, const struct doctor_facts *facts)
{
    const struct sandbox_survey *m = &facts->machine;
    const char *where = in_container(m) ? _("On the machine outside the container: ") : "";

    if (!m->bubblewrap)
        remedy_package(f, facts, "bubblewrap");
    if (m->home == HOME_WSL1)
        remedy_add(f, _("WSL 1 has no namespaces. In PowerShell: wsl --set-version NAME 2 (wsl "
                        "--list shows the "
                        "name)"));
    if (m->closed)
        remedy_add(
            f, _("%ssudo sysctl %s=15000; the same line in /etc/sysctl.d/90-socklab.conf keeps it"),
            where, m->closed);
    if (m->userns_clone == 0 && !m->root)
        remedy_add(f,
                   _("%ssudo sysctl kernel.unprivileged_userns_clone=1; the same line in "
                     "/etc/sysctl.d/90-socklab.conf keeps it"),
                   where);
    /* Ubuntu gives an ordinary user's namespace no rights unless a profile says so; root has his. */
    if (m->apparmor == 1 && !m->root) {
        remedy_add(
            f,
            _("%sAn AppArmor profile for this program, in /etc/apparmor.d/socklab; then sudo "
              "apparmor_parser -r /etc/apparmor.d/socklab:\n"
              "  abi <abi/4.0>,\n"
              "  profile socklab %s flags=(unconfined) {\n"
              "    userns,\n"
              "  }"),
            where, facts->self);
        remedy_add(f,
                   _("%sOr, for all programs of this machine: sudo sysctl "
                     "kernel.apparmor_restrict_unprivileged_userns=0; the same line in "
                     "/etc/sysctl.d/90-socklab.conf keeps it"),
                   where);
    }
    if (in_container(m))
        remedy_container(f, m);
    if (f->remedies == 0 && m->home == HOME_WSL2)
        remedy_add(f, _("A newer kernel: in PowerShell: wsl --update"));
    if (f->remedies == 0)
        remedy_add(f,
                   _("Nothing that is known to forbid them was seen. Look whether the kernel has "
                     "them: grep "
                     "-E 'CONFIG_(USER|PID|NET)_NS' /boot/config-%s"),
                   m->release);
}

void remedy_groups(struct doctor_finding *f, const struct doctor_facts *facts)
{
    const struct sandbox_survey *m = &facts->machine;

    if (m->home == HOME_WSL2 && !m->systemd) {
        remedy_add(f, _("In WSL 2 systemd makes them usable: write [boot] and, on the next line, "
                        "systemd=true to "
                        "/etc/wsl.conf; then in PowerShell: wsl --shutdown"));
        return;
    }
    if (m->groups == GROUPS_READ_ONLY && m->home == HOME_DOCKER)
        remedy_add(f, _("Start the container with: docker run --cgroupns=private --security-opt "
                        "writable-cgroups=true ... Docker before 28 knows only --privileged."));
    if (m->groups == GROUPS_READ_ONLY && m->home == HOME_PODMAN)
        remedy_add(f, _("Start the container with: podman run --cgroupns=private --security-opt "
                        "unmask=/sys/fs/cgroup ..."));
    if (m->groups == GROUPS_READ_ONLY && m->home == HOME_CONTAINER)
        remedy_add(f, _("Have the container started with its control groups writable."));
    if (m->groups == GROUPS_NONE && !in_container(m))
        remedy_add(f, _("Mount them: sudo mount -t cgroup2 none /sys/fs/cgroup"));
    if (m->groups == GROUPS_NONE && in_container(m))
        remedy_add(f, _("Start the container with --cgroupns=private, so that it has control "
                        "groups of its own."));
    if (m->groups == GROUPS_WRITABLE && in_container(m) && !m->root)
        remedy_add(f, _("Grade as the container's root, to whom its control groups belong. A "
                        "student's program "
                        "never runs as root."));
    if (m->groups == GROUPS_WRITABLE && in_container(m) && m->root)
        remedy_add(f, _("Make socklab the container's only process (docker run IMAGE socklab grade "
                        "...): a group "
                        "in which others run cannot be divided."));
    if (m->groups == GROUPS_WRITABLE && !in_container(m) && m->systemd)
        remedy_add(f, m->root ? _("systemd-run --scope -p Delegate=yes socklab grade ...")
                              : _("systemd-run --user --scope -p Delegate=yes socklab grade ..."));
    if (!m->unified && m->groups == GROUPS_WRITABLE && m->systemd && !in_container(m))
        remedy_add(f, _("This machine mounts version 1: start it with "
                        "systemd.unified_cgroup_hierarchy=1 on the "
                        "kernel's command line."));
    if (m->groups != GROUPS_NONE && !in_container(m) && !m->systemd)
        remedy_add(f, _("No systemd runs here, which could delegate a group: have root make one "
                        "and give it to "
                        "you, or grade as root. A student's program never runs as root."));
}

void remedy_landlock(struct doctor_finding *f, const struct doctor_facts *facts)
{
    const struct sandbox_survey *m = &facts->machine;
    bool old = m->version[0] < 5 || (m->version[0] == 5 && m->version[1] < 13);

    if (m->landlock > 0)
        return; /* the kernel has it: the reason is what was said */
    if (m->landlock == -EOPNOTSUPP) {
        remedy_add(
            f, _("The kernel has Landlock and it is switched off: put landlock into the list of "
                 "/sys/kernel/security/lsm, as lsm=landlock,... in GRUB_CMDLINE_LINUX of "
                 "/etc/default/grub; then sudo update-grub, and restart"));
        return;
    }
    if (old)
        remedy_add(f,
                   _("Linux %s is too old: Landlock came with 5.13. Debian 12 and Ubuntu 22.04 "
                     "have it%s."),
                   m->release, m->home == HOME_WSL2 ? _("; in PowerShell: wsl --update") : "");
    else if (in_container(m) && m->filtered)
        remedy_add(
            f,
            _("The container's filter may hide it: --security-opt seccomp=unconfined, or a newer "
              "Docker or Podman."));
    else if (m->home == HOME_WSL2)
        remedy_add(f, _("Newer kernels of WSL 2 have it: in PowerShell: wsl --update"));
    else
        remedy_add(
            f,
            _("This kernel was built without it (CONFIG_SECURITY_LANDLOCK): the distribution's own "
              "kernel has it."));
}

void remedy_trace(struct doctor_finding *f, const struct doctor_facts *facts)
{
    const struct sandbox_survey *m = &facts->machine;
    const char *where = in_container(m) ? _("On the machine outside the container: ") : "";

    if (m->traced)
        remedy_add(f, _("Somebody traces the grader itself (strace -f, gdb): a process has one "
                        "tracer. Run it "
                        "without."));
    if (m->yama == 2)
        remedy_add(f,
                   _("%ssudo sysctl kernel.yama.ptrace_scope=1; the same line in "
                     "/etc/sysctl.d/90-socklab.conf keeps it"),
                   where);
    if (m->yama == 3)
        remedy_add(f,
                   _("%skernel.yama.ptrace_scope is 3, which holds until the next start: take the "
                     "line out of "
                     "/etc/sysctl.d (grep -r ptrace_scope /etc/sysctl*) and restart"),
                   where);
    if (in_container(m) && m->filtered)
        remedy_add(f,
                   _("Start the container with: %s --cap-add SYS_PTRACE --security-opt "
                     "seccomp=unconfined ..."),
                   m->home == HOME_PODMAN ? "podman run" : "docker run");
}
