/**
 * @file grade.c
 * socklab grade: one hand-in, one report; or all labs', and one report for them.
 */
#include "command/all.h"
#include "command/runs.h"
#include "command/word.h"
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/** What the command line says. */
struct command {
    const struct lab *lab; /* NULL: all */
    enum report_format format;
    const char *output;
    unsigned runs;
    struct grade_options grade;
    const char **only; /* grade.only, to be freed */
};

static const struct option grade_long[] = {
    {"only", required_argument, NULL, OPT_ONLY},       {"format", required_argument, NULL, OPT_FORMAT},
    {"output", required_argument, NULL, OPT_OUTPUT},   {"seed", required_argument, NULL, OPT_SEED},
    {"runs", required_argument, NULL, OPT_RUNS},
    {"sandbox", required_argument, NULL, OPT_SANDBOX}, {"jobs", required_argument, NULL, OPT_JOBS},
    {"seconds", required_argument, NULL, OPT_SECONDS}, {"compiler", required_argument, NULL, OPT_COMPILER},
    {"help", no_argument, NULL, OPT_HELP},             {NULL, 0, NULL, 0},
};

static void parse_grade(int argc, char **argv, struct command *command)
{
    char *only = NULL;
    command->grade.seed = 1;
    command->runs = 1;
    command->grade.compiler = "gcc";
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", grade_long, NULL)) != -1;) {
        switch (option) {
        case OPT_ONLY: only = optarg; break;
        case OPT_FORMAT:
            if (report_format_parse(optarg, &command->format) < 0)
                command_usage(_("--format wants text, html, json or junit, not '%s'"), optarg);
            break;
        case OPT_OUTPUT: command->output = optarg; break;
        case OPT_SEED: command->grade.seed = (uint64_t)word_number("seed", optarg, 0, INT64_MAX); break;
        case OPT_RUNS: command->runs = (unsigned)word_number("runs", optarg, 1, RUNS_MAX); break;
        case OPT_SANDBOX: command->grade.sandbox = word_sandbox(optarg); break;
        case OPT_JOBS: command->grade.jobs = (int)word_number("jobs", optarg, 1, 16); break;
        case OPT_SECONDS: command->grade.seconds = (int)word_number("seconds", optarg, 1, 3600); break;
        case OPT_COMPILER: command->grade.compiler = optarg; break;
        case OPT_HELP: command_help(stdout); exit(command_end_output());
        default: command_usage(_("unknown option, or one without its value: '%s'"), argv[optind - 1]);
        }
    }
    if (optind == argc)
        command_usage(_("which lab?"));
    const char *lab = argv[optind++];
    command->lab = strcmp(lab, "all") == 0 ? NULL : word_lab(lab);
    if (!command->lab && only)
        command_usage(_("--only wants one lab: which checks there are differs from lab to lab"));
    if (!command->lab && !report_knows_all(command->format))
        command_usage(_("grade all knows --format text and --format json"));
    if (only)
        command->grade.only = command->only = word_checks(command->lab, only);
    if (optind < argc)
        command->grade.directory = argv[optind++];
    else
        command->grade.directory = command->lab ? xasprintf("labs/%s", command->lab->id) : "labs";
    if (optind < argc)
        command_usage(_("too many arguments: '%s'"), argv[optind]);
}

/** What the callbacks of a grading work with. */
struct session {
    size_t done;
    bool progress;         /* on stderr, which is a terminal: a pipe gets the report and nothing else */
    const char *new_output; /* created by us and still empty */
};

/** While a file of ours is half-done, signals wait until it is whole or gone (grade_run listens to them meanwhile). */
static void hold_signals(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGQUIT);
    sigprocmask(how, &set, NULL);
}

/** The report's file is opened before the work: an unwritable one costs no waiting. */
static int open_output(const struct command *command, struct session *session)
{
    if (!command->output)
        return STDOUT_FILENO;
    hold_signals(SIG_BLOCK);
    int fd = open(command->output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) {
        session->new_output = command->output;
    } else if (errno == EEXIST) {
        hold_signals(SIG_UNBLOCK); /* what is there may be a pipe, on which one can wait */
        fd = open(command->output, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    }
    if (fd < 0)
        die(STATUS_TROUBLE, "%s: %s", command->output, strerror(errno));
    return fd;
}

/** 0 or -errno. */
static int write_report(const struct command *command, int fd, const struct grade *grade, size_t count)
{
    struct winsize size = {0};
    struct report_style style = {.color = command->format == REPORT_TEXT && report_color(fd), .width = 80};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        style.width = size.ws_col < 100 ? size.ws_col : 100;
    struct buf out = {0};
    if (command->lab)
        report_render(&out, grade, command->format, &style);
    else
        report_render_all(&out, grade, count, command->format, &style);
    int error = 0;
    if (command->output && ftruncate(fd, 0) < 0 && errno != EINVAL)
        error = -errno;
    if (error == 0)
        error = fd_write_all(fd, out.data, out.length);
    buf_free(&out);
    return error;
}

static void show_progress(const struct check_result *r, void *argument)
{
    struct session *session = argument;
    session->done++;
    if (session->progress)
        fprintf(stderr, "\r\033[K%zu  %s", session->done, r->id);
}

static void clear_progress(const struct session *session)
{
    if (session->progress)
        fputs("\r\033[K", stderr);
}

/** Nothing half-done stays behind. */
static void leave(void *argument)
{
    struct session *session = argument;
    clear_progress(session);
    if (session->new_output)
        unlink(session->new_output);
}

/** One grade, or one for each lab: the caller's, by all_free(). As runs_grade(). */
static int make_grades(const struct command *command, struct grade **grades, size_t *count, char **message)
{
    if (!command->lab)
        return all_grade(labs_all, command->grade.directory, &command->grade, command->runs, grades, count, message);
    *grades = xcalloc(1, sizeof(**grades));
    *count = 1;
    return runs_grade(command->lab, &command->grade, command->runs, *grades, message);
}

/** Trouble with one is trouble with all: what it would have said is not known. */
static int exit_status(const struct grade *grades, size_t count)
{
    int status = STATUS_FULL;
    for (size_t i = 0; i < count; i++) {
        if (!grades[i].complete)
            return STATUS_TROUBLE;
        if (grades[i].score != grades[i].max)
            status = STATUS_LESS;
    }
    return status;
}

int command_grade(int argc, char **argv)
{
    struct command command = {0};
    struct session session = {0};
    parse_grade(argc, argv, &command);
    word_compiler(command.grade.compiler);
    char *data = word_data();
    session.progress = isatty(STDERR_FILENO) && command.format == REPORT_TEXT;
    command.grade.data = data;
    command.grade.progress = show_progress;
    command.grade.stopped = leave;
    command.grade.argument = &session;
    int fd = open_output(&command, &session);
    struct grade *grades;
    size_t count;
    char *message = NULL;
    int error = make_grades(&command, &grades, &count, &message);
    free(data);
    if (error < 0) {
        leave(&session);
        die(error == -ENOENT || error == -ENOTDIR ? STATUS_USAGE : STATUS_TROUBLE, "%s",
            message ? message : strerror(-error));
    }
    clear_progress(&session);
    session.progress = false;
    error = write_report(&command, fd, grades, count);
    if (error < 0) {
        leave(&session);
        die(STATUS_TROUBLE, "%s: %s", command.output ? command.output : _("standard output"), strerror(-error));
    }
    int status = exit_status(grades, count);
    all_free(grades, count);
    free(command.only);
    free(message);
    return status;
}
