/**
 * @file main.c
 * The command: options, then the subcommand. Everything that grades is in check/, everything
 * that shows is in report/.
 */
#include "check/check.h"
#include "core/core.h"
#include "doctor/doctor.h"
#include "labs/labs.h"
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef SOCKLAB_DATADIR
#define SOCKLAB_DATADIR "/usr/local/share/socklab"
#endif
#define SOCKLAB_VERSION "0.1"

/* --- help ------------------------------------------------------------------------------------------- */

static void print_help(FILE *out)
{
    fputs(_("usage: socklab grade LAB [DIR] [options]   grade the hand-in in DIR (default: labs/LAB)\n"
            "       socklab checks [LAB] [--format json] list labs and their checks\n"
            "       socklab doctor [--format json]       what protections this machine gives, and what is missing\n"
            "       socklab --help | --version\n"
            "\n"
            "LAB is a number or a name: 4, 04, 04-accept.\n"
            "\n"
            "options of grade:\n"
            "  --only ID,...        only these checks\n"
            "  --format FORMAT      text (default), json or junit\n"
            "  --output FILE        write the report to FILE instead of standard output\n"
            "  --seed N             the run's seed (default 1): the same seed is the same run\n"
            "  --sandbox MODE       auto (default), require (refuse to run with less), off\n"
            "  --jobs N             checks side by side (default: two a processor)\n"
            "  --seconds N          limit for each check (default 10)\n"
            "  --compiler CC        gcc (default) or clang\n"
            "\n"
            "exit status: 0 full marks, 1 not, 2 wrong usage, 3 the grader could not grade\n"
            "exit status of doctor: 0 all there, 1 something is missing, 3 nothing can be graded\n"),
          out);
}

/** Everything printed has arrived. */
static int end_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return STATUS_FULL;
    die(STATUS_TROUBLE, "%s: %s", _("standard output"), strerror(errno));
}

static void usage_error(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

static void usage_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct buf b = {0};
    buf_vprintf(&b, format, args);
    va_end(args);
    die(STATUS_USAGE, _("%s (socklab --help shows the usage)"), buf_text(&b));
}

/* --- names that nearly fit ----------------------------------------------------------------------------- */

/** Levenshtein distance of two short names. */
static size_t name_distance(const char *a, const char *b)
{
    size_t n = strlen(b), row[64];
    if (n >= 64 || strlen(a) >= 64)
        return 64;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t cost = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            row[j] = cost < least ? cost : least;
        }
    }
    return row[n];
}

static void unknown_check(const struct lab *lab, const char *id) __attribute__((noreturn));

static void unknown_check(const struct lab *lab, const char *id)
{
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < lab->checks; i++) {
        size_t d = name_distance(id, lab->check[i].id);
        if (d < least)
            least = d;
    }
    struct buf near = {0}, shown = {0};
    for (size_t i = 0; i < lab->checks; i++)
        if (name_distance(id, lab->check[i].id) == least)
            buf_printf(&near, "%s%s", near.length ? ", " : "", lab->check[i].id);
    buf_quote(&shown, id, strlen(id), 60);
    usage_error(_("lab %s has no check %s; nearest: %s"), lab->id, buf_text(&shown), buf_text(&near));
}

/* --- grade ------------------------------------------------------------------------------------------------- */

/** What the command line says. */
struct command {
    const struct lab *lab;
    enum report_format format;
    const char *output;
    struct grade_options grade;
};

static long parse_number(const char *name, const char *text, long least, long most)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < least || value > most)
        usage_error(_("--%s wants a number from %ld to %ld, not '%s'"), name, least, most, text);
    return value;
}

static void parse_only(struct command *command, char *list)
{
    const char **only = NULL;
    size_t n = 0;
    char *rest = NULL;
    for (char *id = strtok_r(list, ",", &rest); id; id = strtok_r(NULL, ",", &rest)) {
        if (!lab_check(command->lab, id))
            unknown_check(command->lab, id);
        only = xrealloc(only, (n + 2) * sizeof(only[0]));
        only[n++] = id;
        only[n] = NULL;
    }
    if (n == 0)
        usage_error(_("--only names no check"));
    command->grade.only = only;
}

static enum sandbox_mode parse_sandbox(const char *word)
{
    if (strcmp(word, "auto") == 0)
        return SANDBOX_AUTO;
    if (strcmp(word, "require") == 0)
        return SANDBOX_REQUIRE;
    if (strcmp(word, "off") == 0)
        return SANDBOX_OFF;
    usage_error(_("--sandbox wants auto, require or off, not '%s'"), word);
}

enum { OPT_ONLY = 256, OPT_FORMAT, OPT_OUTPUT, OPT_SEED, OPT_SANDBOX, OPT_JOBS, OPT_SECONDS, OPT_COMPILER, OPT_HELP };

static const struct option grade_long[] = {
    {"only", required_argument, NULL, OPT_ONLY},       {"format", required_argument, NULL, OPT_FORMAT},
    {"output", required_argument, NULL, OPT_OUTPUT},   {"seed", required_argument, NULL, OPT_SEED},
    {"sandbox", required_argument, NULL, OPT_SANDBOX}, {"jobs", required_argument, NULL, OPT_JOBS},
    {"seconds", required_argument, NULL, OPT_SECONDS}, {"compiler", required_argument, NULL, OPT_COMPILER},
    {"help", no_argument, NULL, OPT_HELP},             {NULL, 0, NULL, 0},
};

static const struct lab *find_lab(const char *name)
{
    const struct lab *lab = lab_find(labs_all, name);
    if (lab)
        return lab;
    struct buf known = {0}, shown = {0};
    for (size_t i = 0; labs_all[i]; i++)
        buf_printf(&known, "%s%s", i ? ", " : "", labs_all[i]->id);
    buf_quote(&shown, name, strlen(name), 60);
    usage_error(_("there is no lab %s; there are %s"), buf_text(&shown), buf_text(&known));
}

static void parse_grade(int argc, char **argv, struct command *command)
{
    char *only = NULL;
    command->grade.seed = 1;
    command->grade.compiler = "gcc";
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", grade_long, NULL)) != -1;) {
        switch (option) {
        case OPT_ONLY: only = optarg; break;
        case OPT_FORMAT:
            if (report_format_parse(optarg, &command->format) < 0)
                usage_error(_("--format wants text, json or junit, not '%s'"), optarg);
            break;
        case OPT_OUTPUT: command->output = optarg; break;
        case OPT_SEED: command->grade.seed = (uint64_t)parse_number("seed", optarg, 0, INT64_MAX); break;
        case OPT_SANDBOX: command->grade.sandbox = parse_sandbox(optarg); break;
        case OPT_JOBS: command->grade.jobs = (int)parse_number("jobs", optarg, 1, 16); break;
        case OPT_SECONDS: command->grade.seconds = (int)parse_number("seconds", optarg, 1, 3600); break;
        case OPT_COMPILER: command->grade.compiler = optarg; break;
        case OPT_HELP: print_help(stdout); exit(end_output());
        default: usage_error(_("unknown option, or one without its value: '%s'"), argv[optind - 1]);
        }
    }
    if (optind == argc)
        usage_error(_("which lab?"));
    command->lab = find_lab(argv[optind++]);
    if (only)
        parse_only(command, xstrdup(only));
    if (optind < argc)
        command->grade.directory = argv[optind++];
    else
        command->grade.directory = xasprintf("labs/%s", command->lab->id);
    if (optind < argc)
        usage_error(_("too many arguments: '%s'"), argv[optind]);
}

/** One that is not here would look like a build that fails. As the room looks for it: a path, or below /usr/bin. */
static void demand_compiler(const char *compiler)
{
    char *path = strchr(compiler, '/') ? xstrdup(compiler) : xasprintf("/usr/bin/%s", compiler);
    if (access(path, X_OK) < 0)
        die(STATUS_TROUBLE, _("the compiler %s: %s"), path, strerror(errno));
    free(path);
}

/** Where reference/ and kit/ stand: beside the executable, or where they were installed. */
static char *find_data(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (n > 0) {
        path[n] = '\0';
        char *slash = strrchr(path, '/');
        if (slash)
            *slash = '\0';
        char *kit = xasprintf("%s/kit/leak_hook.c", path);
        bool beside = access(kit, R_OK) == 0;
        free(kit);
        if (beside)
            return xstrdup(path);
    }
    return xstrdup(SOCKLAB_DATADIR);
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
static int write_report(const struct command *command, int fd, const struct grade *grade)
{
    struct winsize size = {0};
    struct report_style style = {.color = command->format == REPORT_TEXT && report_color(fd), .width = 80};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        style.width = size.ws_col < 100 ? size.ws_col : 100;
    struct buf out = {0};
    report_render(&out, grade, command->format, &style);
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

static int command_grade(int argc, char **argv)
{
    struct command command = {0};
    struct session session = {0};
    parse_grade(argc, argv, &command);
    demand_compiler(command.grade.compiler);
    char *data = find_data();
    session.progress = isatty(STDERR_FILENO) && command.format == REPORT_TEXT;
    command.grade.data = data;
    command.grade.progress = show_progress;
    command.grade.stopped = leave;
    command.grade.argument = &session;
    int fd = open_output(&command, &session);
    struct grade grade;
    char *message = NULL;
    int error = grade_run(command.lab, &command.grade, &grade, &message);
    free(data);
    if (error < 0) {
        leave(&session);
        die(error == -ENOENT || error == -ENOTDIR ? STATUS_USAGE : STATUS_TROUBLE, "%s",
            message ? message : strerror(-error));
    }
    clear_progress(&session);
    session.progress = false;
    error = write_report(&command, fd, &grade);
    if (error < 0) {
        leave(&session);
        die(STATUS_TROUBLE, "%s: %s", command.output ? command.output : _("standard output"), strerror(-error));
    }
    int status = !grade.complete ? STATUS_TROUBLE : grade.score == grade.max ? STATUS_FULL : STATUS_LESS;
    grade_free(&grade);
    free(message);
    return status;
}

/* --- checks -------------------------------------------------------------------------------------------------- */

static json_t *lab_json(const struct lab *lab)
{
    json_t *checks = json_array();
    for (size_t i = 0; i < lab->checks; i++) {
        const struct check_spec *c = &lab->check[i];
        json_array_append_new(checks, json_pack("{s:s, s:s, s:i, s:s}", "id", c->id, "title", _(c->title), "points",
                                                c->points, "handout", c->handout));
    }
    return json_pack("{s:s, s:s, s:o}", "lab", lab->id, "title", _(lab->title), "checks", checks);
}

static void list_lab(const struct lab *lab)
{
    printf("%s  %s\n", lab->id, _(lab->title));
    for (size_t i = 0; i < lab->checks; i++)
        printf("  %-16s %3d  %s\n", lab->check[i].id, lab->check[i].points, _(lab->check[i].title));
}

static int command_checks(int argc, char **argv)
{
    static const struct option options[] = {
        {"format", required_argument, NULL, OPT_FORMAT}, {"help", no_argument, NULL, OPT_HELP}, {NULL, 0, NULL, 0}};
    bool json = false;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == OPT_HELP) {
            print_help(stdout);
            return end_output();
        }
        if (option != OPT_FORMAT || (strcmp(optarg, "json") != 0 && strcmp(optarg, "text") != 0))
            usage_error(_("checks knows --format text and --format json"));
        json = strcmp(optarg, "json") == 0;
    }
    const struct lab *only = optind < argc ? find_lab(argv[optind++]) : NULL;
    if (optind < argc)
        usage_error(_("too many arguments: '%s'"), argv[optind]);
    json_t *list = json_array();
    for (size_t i = 0; labs_all[i]; i++) {
        if (only && labs_all[i] != only)
            continue;
        if (json)
            json_array_append_new(list, lab_json(labs_all[i]));
        else
            list_lab(labs_all[i]);
    }
    if (json)
        json_dumpf(only ? json_array_get(list, 0) : list, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    if (json)
        putchar('\n');
    json_decref(list);
    return end_output();
}

/* --- doctor -------------------------------------------------------------------------------------------------- */

static int command_doctor(int argc, char **argv)
{
    static const struct option options[] = {
        {"format", required_argument, NULL, OPT_FORMAT}, {"help", no_argument, NULL, OPT_HELP}, {NULL, 0, NULL, 0}};
    bool json = false;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == OPT_HELP) {
            print_help(stdout);
            return end_output();
        }
        if (option != OPT_FORMAT || (strcmp(optarg, "json") != 0 && strcmp(optarg, "text") != 0))
            usage_error(_("doctor knows --format text and --format json"));
        json = strcmp(optarg, "json") == 0;
    }
    if (optind < argc)
        usage_error(_("too many arguments: '%s'"), argv[optind]);
    return doctor_run(json);
}

/**
 * Without it a pipe of the grader's could become descriptor 0, 1 or 2, and be taken for a standard one. What was
 * closed stays useless: writing to such a standard output fails, and is reported.
 */
static void reserve_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) != fd)
            _exit(STATUS_TROUBLE); /* there is nowhere to say it */
}

int main(int argc, char **argv)
{
    reserve_standard_descriptors();
    setlocale(LC_ALL, "");
    textdomain("socklab");
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        print_help(stderr);
        return STATUS_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "help") == 0) {
        print_help(stdout);
        return end_output();
    }
    if (strcmp(word, "--version") == 0) {
        printf("socklab %s\n", SOCKLAB_VERSION);
        return end_output();
    }
    if (strcmp(word, "grade") == 0)
        return command_grade(argc - 1, argv + 1);
    if (strcmp(word, "checks") == 0)
        return command_checks(argc - 1, argv + 1);
    if (strcmp(word, "doctor") == 0)
        return command_doctor(argc - 1, argv + 1);
    usage_error(_("unknown command '%s'"), word);
}
