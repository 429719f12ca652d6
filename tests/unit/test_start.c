/**
 * @file
 * check/program.c: a start for which no time is left is a student's out of time only if a program of his has run before.
 */
#include "check/internal.h"
#include "trial.h"
#include "unit.h"

#include <sys/wait.h>
#include <unistd.h>

static void start_probe(struct check *c)
{
    program_start(c, &(struct start){.name = "sandbox_probe", .argument = {"stay"}, .trace = CALL_LISTEN});
}

static void end_time(struct check *c)
{
    c->limit = c->most = 0;
    c->deadline = c->started;
}

/* Two checks: the first program finds no time left; the second one does. */
static void run_first(struct check *c)
{
    end_time(c);
    start_probe(c);
}

static void run_second(struct check *c)
{
    start_probe(c);
    end_time(c);
    start_probe(c);
}

static const struct check_spec specs[] = {{.id = "first", .run = run_first}, {.id = "second", .run = run_second}};
static const struct lab lab = {.id = "00-test", .check = specs, .checks = 2};

/* In the room: a checker of its own for the check, as grade.c makes it; prints the verdict. */
static int judge(const struct sandbox *sandbox, const struct check_spec *spec, int out)
{
    static const struct build_intake intake;
    static const struct grade_options options = {.compiler = "gcc", .seed = 1};
    struct check_result result = {0};
    struct buf bytes = {0};
    char place[SANDBOX_PATH_MAX];
    int ends[2];

    if (pipe_make(ends) != 0 || sandbox_make_place(sandbox, place) != 0)
        return 10;
    pid_t checker = fork();
    if (checker == 0)
        context_run(context_new(&lab, spec, sandbox, &intake, &options, 0, ends[1]), place);
    close(ends[1]);
    if (fd_read_all(ends[0], &bytes) != 0 || waitpid(checker, NULL, 0) != checker ||
        verdict_receive(bytes.data, bytes.length, &result) != 0)
        return 11;
    dprintf(out, "%s: %s, %s\n", spec->id, result.status == CHECK_ERROR ? "trouble" : "judged",
            result.finding.verdict == VERDICT_TIMEOUT ? "out of time" : "something else");
    finding_free(&result.finding);
    buf_free(&bytes);
    return 0;
}

static int judge_both(const struct sandbox *sandbox, int out)
{
    int status = judge(sandbox, &specs[0], out);
    return status ? status : judge(sandbox, &specs[1], out);
}

static void test_no_time_left(void)
{
    struct buf out = {0};

    EACH_LEVEL(level)
    {
        if (!trial_has(level, TRIAL_SELF))
            continue;
        trial_pass((struct trial){.level = level, .act = judge_both}, &out);
        ASSERT_LINE(&out, "first: trouble, something else");
        ASSERT_LINE(&out, "second: judged, out of time");
    }
    buf_free(&out);
}

void suite_start(void)
{
    unit_test("no time is left for a start: whose time it was", test_no_time_left);
}
