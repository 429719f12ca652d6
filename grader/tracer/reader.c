/**
 * @file reader.c
 * The process in which libdw works. A program's ELF and DWARF are a stranger's: inline assembler can write any section that the
 * linker copies. What makes libdw crash, loop, ask for the machine's memory or open the files that a section names must cost
 * source lines and nothing else.
 *
 * So the first question about a program forks a reader: a process with the files already open and no other descriptor than the
 * one of its questions, with limits and a filter. A question is a recorded stack, an answer a struct stack_place. A reader
 * that is gone answers nothing more, and the check goes on without lines.
 *
 * Files are of two kinds. The program's own was opened before the program ran, below the folder that the kit's build wrote:
 * neither the program nor what it maps has a say in it. Libraries count only where the machine keeps its own (image.c).
 */
#include "core/hermit.h"
#include "tracer/stack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    READER_SECONDS = 1,          /* of the processor, for all questions: the first takes 5 ms, others 50 us */
    READER_MEMORY = 512 << 20,   /* bytes beyond what the checker had when it forked */
    PROGRAM_LARGEST = 256 << 20, /* no build is allowed a larger file */
};

/** A question; the stack's bytes follow. */
struct question {
    struct registers registers;
    uintptr_t from;
    size_t size;
};

/* --- in the reader ------------------------------------------------------------------------------------ */

/** A regular file, without waiting for anything; -1 if there is none. */
static int open_regular(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)))
        fd_close(&fd);
    return fd;
}

static void answer_all(int questions, struct line_cache *lines, const struct image *image, const char *const *source)
{
    static struct {
        struct question head;
        unsigned char bytes[STACK_DEEPEST];
    } q;
    for (;;) {
        ssize_t n = read(questions, &q, sizeof(q)); /* a message at a time: unix(7), SOCK_SEQPACKET */
        if (n < (ssize_t)sizeof(q.head) || (size_t)n - sizeof(q.head) != q.head.size)
            return; /* the checker has closed its end */
        struct stack stack = {.registers = q.head.registers, .from = q.head.from, .bytes = q.bytes, .size = q.head.size,
                              .image = (struct image *)image};
        struct stack_place place;
        line_find(lines, &stack, source, &place);
        if (write(questions, &place, sizeof(place)) != (ssize_t)sizeof(place))
            return;
    }
}

static void be_reader(int questions, const struct image *image, const char *const *source) __attribute__((noreturn));

static void be_reader(int questions, const struct image *image, const char *const *source)
{
    int fd[MODULES_MAX];
    hermit_close_all_but(questions, image->file);
    for (size_t i = 0; i < image->modules; i++)
        fd[i] = image->module[i].from == image->base ? image->file : open_regular(image->module[i].path);
    if (!hermit_enter(READER_MEMORY, READER_SECONDS))
        _exit(STATUS_TROUBLE); /* no lines are better than lines without walls */
    struct line_cache *lines = line_open(image, fd);
    if (lines)
        answer_all(questions, lines, image, source);
    _exit(0);
}

/* --- in the checker -------------------------------------------------------------------------------------- */

int reader_open_program(const char *path)
{
    struct stat st;
    int fd = path ? open_regular(path) : -1;
    if (fd >= 0 && (fstat(fd, &st) < 0 || st.st_size > PROGRAM_LARGEST))
        fd_close(&fd);
    return fd;
}

/** The reader ends by itself when its questions end, or with this process; waitpid(2) of loop.c takes its status. */
static void start(struct image *image, const char *const *source)
{
    int ends[2];
    image->asked = true;
    if (image->file < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return;
    pid_t pid = fork();
    if (pid == 0)
        be_reader(ends[1], image, source);
    fd_close(&ends[1]);
    if (pid < 0)
        fd_close(&ends[0]);
    image->reader = ends[0];
}

static bool ask(int reader, const struct stack *stack, struct stack_place *out)
{
    struct question head = {stack->registers, stack->from, stack->size};
    struct iovec part[] = {{&head, sizeof(head)}, {stack->bytes, stack->size}};
    struct msghdr message = {.msg_iov = part, .msg_iovlen = 2};
    ssize_t n;
    do
        n = sendmsg(reader, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return false;
    do
        n = read(reader, out, sizeof(*out));
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof(*out);
}

/** What a reader says is a stranger's word too, once libdw has been led astray. */
static bool is_answer(const struct stack_place *place, const char *const *source)
{
    const struct source_line *where = &place->where;
    return memchr(where->file, '\0', sizeof(where->file)) && memchr(place->function, '\0', sizeof(place->function)) &&
           where->line > 0 && line_is_student_file(source, where->file);
}

const struct stack_place *reader_ask(struct tracer *t, struct stack *stack)
{
    struct image *image = stack->image;
    if (stack->asked)
        return stack->place;
    stack->asked = true;
    if (!image->asked)
        start(image, t->source);
    struct stack_place place;
    if (image->reader >= 0 && !ask(image->reader, stack, &place))
        fd_close(&image->reader); /* it died of this question: no more lines of this program */
    if (image->reader < 0 || !is_answer(&place, t->source))
        return NULL;
    stack->place = xmalloc(sizeof(place));
    *stack->place = place;
    return stack->place;
}

static const struct stack_place *find_by_handle(struct tracer *t, uint32_t handle)
{
    struct stack *stack = stack_get(t, handle);
    return stack ? reader_ask(t, stack) : NULL;
}

static const struct stack_place *find_place(struct tracer *t, const struct event *e)
{
    return find_by_handle(t, e->stack);
}

static bool give_line(const struct stack_place *place, struct source_line *out)
{
    *out = place ? place->where : (struct source_line){.line = 0};
    return place != NULL;
}

bool tracer_where(struct tracer *t, const struct event *e, struct source_line *out)
{
    return give_line(find_place(t, e), out);
}

bool tracer_where_waits(struct tracer *t, const struct wait *w, struct source_line *out)
{
    if (w->event && w->event->stack)
        return tracer_where(t, w->event, out);
    struct task *task = task_find(t, w->tid);
    struct image *image = task && task->process ? task->process->image : NULL;
    if (!image || !w->pc)
        return give_line(NULL, out);
    struct registers r;
    arch_place(&r, w->pc, w->sp);
    image_read_modules(image, w->pid);
    return give_line(find_by_handle(t, stack_record(t, w->tid, &r, image, true)), out);
}

bool tracer_function(struct tracer *t, const struct event *e, char out[FUNCTION_MAX])
{
    const struct stack_place *place = find_place(t, e);
    snprintf(out, FUNCTION_MAX, "%s", place ? place->function : "");
    return *out != '\0';
}
