/*
 * lines: calls made in every way in which a student may come to make one. A comment names each line that is to be
 * found; what is written says which.
 */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static inline void helper(const char *text)
{
    write(1, text, strlen(text)); /* inline */
}

static void __attribute__((noinline)) plain(const char *text)
{
    write(1, text, strlen(text)); /* plain */
}

static void on_signal(int number)
{
    (void)number;
    write(1, "handler", 7); /* handler */
}

static void *in_thread(void *text)
{
    printf("%s", (char *)text);
    fflush(stdout); /* thread */
    return NULL;
}

static int compare(const void *a, const void *b)
{
    write(1, "callback", 8); /* callback */
    return *(const int *)a - *(const int *)b;
}

#define SAY(text) write(1, text, strlen(text))

/* Leaves the addresses of its own calls all over the stack that others will use below. */
static int __attribute__((noinline)) litter(int depth)
{
    volatile char frame[64];
    frame[depth % 64] = (char)depth;
    if (depth > 0)
        return litter(depth - 1) + frame[depth % 64];
    plain("litter");
    return 0;
}

static int __attribute__((noinline)) sum(int depth)
{
    volatile int here = depth;
    return depth == 0 ? getppid() != 0 : sum(depth - 1) + here;
}

static void __attribute__((noinline)) big_frame(void)
{
    volatile char frame[12000];
    frame[0] = frame[11999] = 1;
    write(1, "big", 3); /* big */
}

static void recurse(int depth)
{
    if (depth == 0)
        write(1, "deep", 4); /* deep */
    else
        recurse(depth - 1);
    __asm__ volatile("");
}

static void say_at_exit(void)
{
    write(1, "at exit", 7); /* atexit */
}

static void buffered_and_not(void)
{
    printf("kept until ");
    printf("flushed");
    fflush(stdout); /* fflush */
    fprintf(stderr, "stderr %d", 1); /* stderr */
    errno = ENOENT;
    perror("perror"); /* perror */
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("line %d\n", 2); /* line-buffered */
    puts("puts"); /* puts */
    dprintf(1, "dprintf %s", "x"); /* dprintf */
}

int main(void)
{
    atexit(say_at_exit);
    helper("helper");
    plain("plain");
    void (*volatile pointer)(const char *) = plain;
    pointer("pointer");
    SAY("macro"); /* macro */
    write(1, /* several lines: the call's own is any of these */
          "several",
          7);
    if (write(1, "condition", 9) != 9) /* condition */
        return 1;
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    pthread_t thread;
    char text[] = "thread";
    if (pthread_create(&thread, NULL, in_thread, text) != 0) /* pthread_create */
        return 2;
    pthread_join(thread, NULL);
    int numbers[2] = {2, 1};
    qsort(numbers, 2, sizeof numbers[0], compare);
    buffered_and_not();
    litter(300);
    sum(300);
    printf("after %d", 300);
    fflush(stdout); /* littered */
    fprintf(stderr, "littered %d", 1); /* littered-stderr */
    big_frame();
    recurse(500);
    for (volatile int i = 0; i < 3; i++)
        write(1, "loop", 4); /* loop */
    /* Two calls from one function's frame, alike but for the line. */
    write(1, "first", 5); /* first */
    write(1, "other", 5); /* other */
    fprintf(stderr, "e%d", 1); /* error-1 */
    fprintf(stderr, "e%d", 2); /* error-2 */
    pid_t pid = fork();
    if (pid == 0) {
        write(1, "child", 5); /* child */
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
