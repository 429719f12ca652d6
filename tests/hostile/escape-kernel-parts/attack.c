/* hostile: escape 04-accept -- parts of the kernel with a history: bpf, perf, io_uring, userfaultfd, keys, modules, aio
 * holds: score: as honest
 */
ATTACK attack(void)
{
    static char zeros[4096];

    REFUSED(syscall(SYS_bpf, 0, zeros, 64));
    REFUSED(syscall(SYS_bpf, 5, zeros, 64));
    REFUSED(syscall(SYS_perf_event_open, zeros, 0, -1, -1, 0));
    REFUSED(syscall(425 /* io_uring_setup */, 8, zeros));
    REFUSED(syscall(426 /* io_uring_enter */, 0, 1, 0, 0, NULL, 0));
    REFUSED(syscall(SYS_io_setup, 8, zeros));
    REFUSED(syscall(SYS_userfaultfd, 0));
    REFUSED(syscall(SYS_userfaultfd, 1));
    REFUSED(syscall(SYS_add_key, "user", "hostile", "x", 1, -4));
    REFUSED(syscall(SYS_keyctl, 0, -4, 1));
    REFUSED(syscall(SYS_keyctl, 1, "hostile"));
    REFUSED(syscall(SYS_request_key, "user", "hostile", NULL, -4));
    REFUSED(syscall(SYS_init_module, zeros, 4096, ""));
    REFUSED(syscall(SYS_finit_module, 0, "", 0));
    REFUSED(syscall(SYS_delete_module, "x", 0));
    REFUSED(syscall(SYS_kexec_load, 0, 0, NULL, 0));
    REFUSED(syscall(SYS_kexec_file_load, -1, -1, 0, "", 0));
    REFUSED(syscall(SYS_fanotify_init, 0, 0));
    REFUSED(syscall(SYS_modify_ldt, 0, zeros, 64));
    REFUSED(syscall(SYS_iopl, 3));
    REFUSED(syscall(SYS_ioperm, 0, 1, 1));
    REFUSED(syscall(SYS_reboot, 0xfee1dead, 672274793, 0, NULL));
    REFUSED(syscall(SYS_syslog, 3, zeros, 4096));
    REFUSED(syscall(SYS_lookup_dcookie, 1L, zeros, 4096L));
    REFUSED(syscall(SYS_settimeofday, zeros, NULL));
    REFUSED(syscall(SYS_clock_settime, 0, zeros));
    REFUSED(sethostname("hostile", 7));
    REFUSED(setdomainname("hostile", 7));
    REFUSED(syscall(SYS_vhangup));
    REFUSED(syscall(447 /* memfd_secret */, 0));
    REFUSED(syscall(SYS_kcmp, 1, 1, 0, 0, 0));
    REFUSED(syscall(440 /* process_madvise */, 0, zeros, 1, 4, 0));
    REFUSED(syscall(SYS_move_pages, 1, 1UL, zeros, NULL, zeros, 2));
    REFUSED(syscall(SYS_migrate_pages, 1, 1UL, zeros, zeros));
}
