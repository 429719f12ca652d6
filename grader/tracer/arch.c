/**
 * @file arch.c
 * Registers of the two machines. The only file that reads or writes them; everybody else speaks
 * of arguments and results. Sources: syscall(2) "Architecture calling conventions",
 * ptrace(2) PTRACE_GETREGSET, the psABI supplements for DWARF numbers.
 */
#include "tracer/internal.h"

#include <elf.h>
#include <errno.h>
#include <sys/uio.h>

int arch_get(pid_t tid, struct registers *r)
{
    struct iovec io = {&r->raw, sizeof(r->raw)};
    return ptrace(PTRACE_GETREGSET, tid, (void *)NT_PRSTATUS, &io) < 0 ? -errno : 0;
}

int arch_set(pid_t tid, const struct registers *r)
{
    struct registers copy = *r;
    struct iovec io = {&copy.raw, sizeof(copy.raw)};
    return ptrace(PTRACE_SETREGSET, tid, (void *)NT_PRSTATUS, &io) < 0 ? -errno : 0;
}

#if defined(__x86_64__)

uintptr_t arch_pc(const struct registers *r)
{
    return r->raw.rip;
}

uintptr_t arch_sp(const struct registers *r)
{
    return r->raw.rsp;
}

int arch_call(const struct registers *r, uint64_t argument[6])
{
    const uint64_t all[6] = {r->raw.rdi, r->raw.rsi, r->raw.rdx, r->raw.r10, r->raw.r8, r->raw.r9};
    for (int i = 0; i < 6; i++)
        argument[i] = all[i];
    return (int)r->raw.orig_rax;
}

int arch_skip(pid_t tid, struct registers *r, int64_t result)
{
    r->raw.orig_rax = (unsigned long long)-1;
    r->raw.rax = (unsigned long long)result;
    return arch_set(tid, r);
}

enum { SYSCALL_LENGTH = 2 }; /* bytes of the instruction: 0f 05 */

uintptr_t arch_before_call(const struct registers *r)
{
    return r->raw.rip - SYSCALL_LENGTH - 1;
}

void arch_place(struct registers *r, uintptr_t pc, uintptr_t sp)
{
    *r = (struct registers){.raw = {.rip = pc, .rsp = sp}};
}

int arch_take_back(pid_t tid, struct registers *r, int number)
{
    r->raw.rip -= SYSCALL_LENGTH;
    return arch_skip(tid, r, number);
}

void arch_set_argument(struct registers *r, int index, uint64_t value)
{
    switch (index) {
    case 0: r->raw.rdi = value; break;
    case 1: r->raw.rsi = value; break;
    case 2: r->raw.rdx = value; break;
    case 3: r->raw.r10 = value; break;
    case 4: r->raw.r8 = value; break;
    case 5: r->raw.r9 = value; break;
    default: BUG("argument %d", index);
    }
}

void arch_set_result(struct registers *r, int64_t result)
{
    r->raw.rax = (unsigned long long)result;
}

size_t arch_dwarf(const struct registers *r, uint64_t out[ARCH_DWARF_REGISTERS])
{
    const uint64_t all[] = {
        r->raw.rax, r->raw.rdx, r->raw.rcx, r->raw.rbx, r->raw.rsi, r->raw.rdi,
        r->raw.rbp, r->raw.rsp, r->raw.r8,  r->raw.r9,  r->raw.r10, r->raw.r11,
        r->raw.r12, r->raw.r13, r->raw.r14, r->raw.r15, r->raw.rip,
    };
    size_t n = sizeof(all) / sizeof(all[0]);
    for (size_t i = 0; i < n; i++)
        out[i] = all[i];
    return n;
}

#elif defined(__aarch64__)

#ifndef NT_ARM_SYSTEM_CALL
#define NT_ARM_SYSTEM_CALL 0x404
#endif

uintptr_t arch_pc(const struct registers *r)
{
    return r->raw.pc;
}

uintptr_t arch_sp(const struct registers *r)
{
    return r->raw.sp;
}

int arch_call(const struct registers *r, uint64_t argument[6])
{
    for (int i = 0; i < 6; i++)
        argument[i] = r->raw.regs[i];
    return (int)r->raw.regs[8];
}

int arch_skip(pid_t tid, struct registers *r, int64_t result)
{
    int none = -1;
    struct iovec io = {&none, sizeof(none)};
    if (ptrace(PTRACE_SETREGSET, tid, (void *)NT_ARM_SYSTEM_CALL, &io) < 0)
        return -errno;
    r->raw.regs[0] = (unsigned long long)result;
    return arch_set(tid, r);
}

enum { SVC_LENGTH = 4 }; /* bytes of any instruction */

uintptr_t arch_before_call(const struct registers *r)
{
    return r->raw.pc - SVC_LENGTH - 1;
}

void arch_place(struct registers *r, uintptr_t pc, uintptr_t sp)
{
    *r = (struct registers){.raw = {.pc = pc, .sp = sp}};
}

int arch_take_back(pid_t tid, struct registers *r, int number)
{
    (void)number; /* it stays in x8, the first argument in x0 */
    r->raw.pc -= SVC_LENGTH;
    return arch_skip(tid, r, (int64_t)r->raw.regs[0]);
}

void arch_set_argument(struct registers *r, int index, uint64_t value)
{
    r->raw.regs[index] = value;
}

void arch_set_result(struct registers *r, int64_t result)
{
    r->raw.regs[0] = (unsigned long long)result;
}

size_t arch_dwarf(const struct registers *r, uint64_t out[ARCH_DWARF_REGISTERS])
{
    for (size_t i = 0; i < 31; i++)
        out[i] = r->raw.regs[i];
    out[31] = r->raw.sp;
    out[32] = r->raw.pc;
    return 33;
}

#else
#error "socklab's tracer knows x86-64 and aarch64"
#endif
