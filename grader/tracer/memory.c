/**
 * @file memory.c
 * A tracee's memory. Reads are bounded by their callers and cannot block: the sandbox denies
 * userfaultfd(2), the only way to make a page fault wait.
 */
#include "tracer/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

size_t memory_read(pid_t tid, uintptr_t from, void *into, size_t size)
{
    if (size == 0 || from == 0)
        return 0;
    struct iovec here = {into, size}, there = {(void *)from, size};
    ssize_t n = process_vm_readv(tid, &here, 1, &there, 1, 0);
    if (n > 0)
        return (size_t)n;
    /* process_vm_readv(2) moves whole iovecs or none: end at the page when the next is missing. */
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t rest = page - from % page;
    if (rest >= size)
        return 0;
    here.iov_len = there.iov_len = rest;
    n = process_vm_readv(tid, &here, 1, &there, 1, 0);
    return n > 0 ? (size_t)n : 0;
}

int memory_write(pid_t tid, uintptr_t to, const void *from, size_t size)
{
    const unsigned char *byte = from;
    for (size_t at = 0; at < size;) {
        uintptr_t word_at = (to + at) & ~(uintptr_t)(sizeof(long) - 1);
        size_t offset = to + at - word_at;
        size_t n = sizeof(long) - offset;
        if (n > size - at)
            n = size - at;
        errno = 0;
        long word = ptrace(PTRACE_PEEKDATA, tid, (void *)word_at, NULL);
        if (errno)
            return -errno;
        memcpy((unsigned char *)&word + offset, byte + at, n);
        if (ptrace(PTRACE_POKEDATA, tid, (void *)word_at, (void *)word) < 0)
            return -errno;
        at += n;
    }
    return 0;
}

void memory_put(pid_t tid, uintptr_t to, const void *from, size_t size)
{
    struct iovec here = {(void *)from, size}, there = {(void *)to, size};
    if (process_vm_writev(tid, &here, 1, &there, 1, 0) < 0)
        return; /* EFAULT: nor could the kernel */
}
