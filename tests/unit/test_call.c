/**
 * @file
 * sandbox/call.c, the list of system calls: complete, without contradictions, and no wall in a right
 * program's way. What it refuses is in test_sandbox.c.
 */
#include "sandbox/internal.h"
#include "trial.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* In how many groups a call is. */
static int decisions_about(const char *call)
{
    size_t count;
    const struct call_group *groups = call_groups(&count);
    int found = 0;

    for (size_t i = 0; i < count; i++) {
        for (const char *const *name = groups[i].names; *name; name++)
            found += strcmp(*name, call) == 0;
    }
    return found;
}

static void test_header(void)
{
    FILE *header = popen("echo '#include <sys/syscall.h>' | gcc -E -dM -", "r");
    char name[256];
    int seen = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(header);
    while (fgets(name, sizeof name, header)) {
        if (sscanf(name, "#define SYS_%63s ", name) != 1)
            continue;
        seen++;
        if (decisions_about(name) != 1)
            printf("# %s is in %d groups of grader/sandbox/call.c\n", name, decisions_about(name));
        CU_ASSERT_EQUAL(decisions_about(name), 1);
    }
    CU_ASSERT_EQUAL(pclose(header), 0);
    CU_ASSERT(seen > 300);
}

static void test_groups(void)
{
    size_t count;
    const struct call_group *groups = call_groups(&count);

    for (size_t i = 0; i < count; i++) {
        CU_ASSERT(strlen(groups[i].reason) > 5);
        for (const char *const *name = groups[i].names; *name; name++)
            CU_ASSERT_EQUAL(decisions_about(*name), 1);
    }
    CU_ASSERT_EQUAL(decisions_about("a call of tomorrow"), 0);
}

/* With refusals as always, and with filters that kill where they would refuse: then nothing was
 * refused and done in another way by the C library. */
static void test_right_calls(void)
{
    static const char *const answers[] = {"refuse", "kill"};
    struct buf program = {0}, out = {0};

    CU_ASSERT_EQUAL_FATAL(file_read(SOCKLAB_BUILD "/tracees/calls", &program), 0);
    const struct sandbox_file file = {"bin/calls", program.data, program.length, 0755};
    for (size_t i = 0; i < 2; i++) {
        setenv("SOCKLAB_TEST_CALLS", answers[i], 1);
        EACH_USER(user) EACH_LEVEL(level)
        {
            struct trial t = {.level = level,
                              .user = user,
                              .words = {"/lab/bin/calls"},
                              .files = &file,
                              .file_count = 1};
            if (!trial_has(level, user))
                continue;
            trial_pass(t, &out);
            const char *line = strtok(out.data, "\n"); /* the base's name */
            int good = 0, promised = -1;
            while ((line = strtok(NULL, "\n"))) {
                const char *answer = strrchr(line, ':');
                if (sscanf(line, "calls: %d", &promised) == 1)
                    continue;
                if (answer && strcmp(answer, ": ok") == 0)
                    good++;
                else
                    printf("# %s\n", line);
            }
            CU_ASSERT(good >= 200);
            CU_ASSERT_EQUAL(good, promised);
        }
    }
    unsetenv("SOCKLAB_TEST_CALLS");
    buf_free(&program);
    buf_free(&out);
}

void suite_call(void)
{
    unit_test("each call of the C library's header is decided about once", test_header);
    unit_test("each group has a reason, no call two answers", test_groups);
    unit_test("what the labs teach is allowed", test_right_calls);
}
