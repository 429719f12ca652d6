/**
 * @file line.c
 * Recorded stacks -> the student's source lines. The one file that knows libdw, and it runs in the
 * reader's process only (reader.c). It meets the program that the kit's build made and the machine's
 * own libraries, opened before; memory comes from the recorded stack, never from a live process.
 */
#include "tracer/stack.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <stdlib.h>
#include <string.h>

/** One Dwfl for an image. */
struct line_cache {
    Dwfl *dwfl;
    const struct stack *stack; /* what the callbacks read */
};

/** A walk up one stack. */
struct walk {
    Dwfl *dwfl;
    const struct image *image;
    const char *const *source;
    struct stack_place *out;
    int frames;
    Dwarf_Addr library; /* where the frame before, which is no student's, is; 0 if there was none */
};

enum { FRAMES_MAX = 64 };

static pid_t next_thread(Dwfl *dwfl, void *argument, void **thread)
{
    (void)dwfl;
    if (*thread)
        return 0;
    *thread = argument;
    return 1;
}

static bool read_word(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *result, void *argument)
{
    (void)dwfl;
    const struct stack *s = ((struct line_cache *)argument)->stack;
    if (address < s->from || address - s->from + sizeof(uint64_t) > s->size)
        return false;
    uint64_t word;
    memcpy(&word, s->bytes + (address - s->from), sizeof(word));
    *result = word;
    return true;
}

/** Whether there is unwinding information for an address. */
static bool is_covered(Dwfl *dwfl, Dwarf_Addr pc)
{
    Dwfl_Module *module = dwfl_addrmodule(dwfl, pc);
    Dwarf_Addr bias = 0;
    Dwarf_CFI *cfi = module ? dwfl_module_eh_cfi(module, &bias) : NULL;
    Dwarf_Frame *frame = NULL;
    bool covered = cfi && dwarf_cfi_addrframe(cfi, pc - bias, &frame) == 0;
    free(frame);
    return covered;
}

/**
 * Where unwinding begins. glibc's clone() ends its information before the call, behind which there are two threads; for the one
 * that called, what was true before the call still is.
 */
static Dwarf_Addr find_start(Dwfl *dwfl, const struct registers *r)
{
    Dwarf_Addr pc = arch_pc(r), before = arch_before_call(r);
    return !is_covered(dwfl, pc) && is_covered(dwfl, before) ? before : pc;
}

static bool set_registers(Dwfl_Thread *thread, void *argument)
{
    const struct stack *s = ((struct line_cache *)argument)->stack;
    uint64_t all[ARCH_DWARF_REGISTERS];
    size_t n = arch_dwarf(&s->registers, all);
    Dwarf_Word words[ARCH_DWARF_REGISTERS];
    for (size_t i = 0; i < n; i++)
        words[i] = all[i];
    dwfl_thread_state_register_pc(thread, find_start(dwfl_thread_dwfl(thread), &s->registers));
    return dwfl_thread_state_registers(thread, 0, (unsigned)n, words);
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
    .next_thread = next_thread,
    .memory_read = read_word,
    .set_initial_registers = set_registers,
};

/** No separate debug files: an empty search path, and never a debuginfo server. */
static int no_debuginfo(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
                        const char *file, const char *link, GElf_Word crc, char **found)
{
    (void)module, (void)data, (void)name, (void)base, (void)file, (void)link, (void)crc, (void)found;
    return -1;
}

static int no_elf(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, char **file,
                  Elf **elf)
{
    (void)module, (void)data, (void)name, (void)base, (void)file, (void)elf;
    return -1;
}

static const Dwfl_Callbacks callbacks = {.find_elf = no_elf, .find_debuginfo = no_debuginfo};

static void report_modules(Dwfl *dwfl, const struct image *image, const int *fd)
{
    dwfl_report_begin(dwfl);
    for (size_t i = 0; i < image->modules; i++) {
        const struct module *m = &image->module[i];
        if (fd[i] >= 0)
            dwfl_report_elf(dwfl, m->path, m->path, fd[i], m->from, false); /* ET_EXEC ignores the base */
    }
    dwfl_report_end(dwfl, NULL, NULL);
}

struct line_cache *line_open(const struct image *image, const int *fd)
{
    struct line_cache *cache = xcalloc(1, sizeof(*cache));
    cache->dwfl = dwfl_begin(&callbacks);
    if (cache->dwfl)
        report_modules(cache->dwfl, image, fd);
    /* The pid is a name only: everything that is asked for comes from the recorded stack. */
    if (cache->dwfl && dwfl_attach_state(cache->dwfl, NULL, 1, &thread_callbacks, cache))
        return cache;
    if (cache->dwfl)
        dwfl_end(cache->dwfl);
    free(cache);
    return NULL;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool line_is_student_file(const char *const *source, const char *name)
{
    if (!source)
        return true;
    for (; *source; source++)
        if (strcmp(*source, name) == 0)
            return true;
    return false;
}

/** A C library has several names for one function: "__write", "_IO_puts", "__printf_chk", "exit@GLIBC_2.2.5". */
static void plain_name(const char *name, char out[FUNCTION_MAX])
{
    static const char *const before[] = {"__libc_", "__", "_IO_"};
    static const char behind[] = "_chk";
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        if (strncmp(name, before[i], strlen(before[i])) != 0)
            continue;
        name += strlen(before[i]);
        break;
    }
    size_t length = strcspn(name, "@"), tail = sizeof(behind) - 1;
    if (length > tail && strncmp(name + length - tail, behind, tail) == 0)
        length -= tail;
    snprintf(out, FUNCTION_MAX, "%.*s", (int)length, name);
}

/** The function at an address; "" if it is not known. */
static void name_function(const struct walk *walk, Dwarf_Addr pc, char out[FUNCTION_MAX])
{
    Dwfl_Module *module = pc ? dwfl_addrmodule(walk->dwfl, pc) : NULL;
    const char *name = module ? dwfl_module_addrname(module, pc) : NULL;
    plain_name(name ? name : "", out);
}

static int on_frame(Dwfl_Frame *frame, void *argument)
{
    struct walk *walk = argument;
    Dwarf_Addr pc;
    bool activation;
    if (++walk->frames > FRAMES_MAX || !dwfl_frame_pc(frame, &pc, &activation))
        return DWARF_CB_ABORT;
    if (!activation)
        pc--; /* a return address is one past the call: the line is the call's */
    if (pc < walk->image->text_from || pc >= walk->image->text_to) {
        walk->library = pc;
        return DWARF_CB_OK;
    }
    Dwfl_Module *module = dwfl_addrmodule(walk->dwfl, pc);
    Dwfl_Line *line = module ? dwfl_module_getsrc(module, pc) : NULL;
    int number = 0;
    const char *file = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
    if (!file || number <= 0 || !line_is_student_file(walk->source, last_part(file)))
        return DWARF_CB_OK;
    snprintf(walk->out->where.file, sizeof(walk->out->where.file), "%s", last_part(file));
    walk->out->where.line = number;
    name_function(walk, walk->library, walk->out->function);
    return DWARF_CB_ABORT;
}

bool line_find(struct line_cache *cache, const struct stack *stack, const char *const *source, struct stack_place *out)
{
    *out = (struct stack_place){.where.line = 0};
    cache->stack = stack;
    struct walk walk = {.dwfl = cache->dwfl, .image = stack->image, .source = source, .out = out};
    dwfl_getthread_frames(cache->dwfl, 1, on_frame, &walk);
    return out->where.line > 0;
}
