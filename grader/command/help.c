/**
 * @file help.c
 * How the command is used, and what is said when it is used otherwise.
 */
#include "command/command.h"

#include <errno.h>
#include <string.h>

void command_help(FILE *out)
{
    fputs(_("usage: socklab grade LAB [DIR] [options]   grade the hand-in in DIR (default: labs/LAB)\n"
            "       socklab grade all [DIR] [options]    grade every lab, each in DIR/NN-name (default: labs/NN-name)\n"
            "       socklab class LAB SUBMISSIONS -o DIR [options]\n"
            "                                            grade a whole class: a folder, or an archive of Canvas or Moodle\n"
            "       socklab checks [LAB] [--format json] list labs and their checks\n"
            "       socklab doctor [--format json]       what protections this machine gives, and what is missing\n"
            "       socklab --help | --version\n"
            "\n"
            "LAB is a number or a name: 4, 04, 04-accept.\n"
            "\n"
            "options of grade:\n"
            "  --only ID,...        only these checks\n"
            "  --format FORMAT      text (default), html, json or junit\n"
            "  --output FILE        write the report to FILE instead of standard output\n"
            "  --seed N             the run's seed (default 1): the same seed is the same run\n"
            "  --runs N             grade with N seeds from --seed on, and report the worst, with its seed\n"
            "  --sandbox MODE       auto (default), require (refuse to run with less), off\n"
            "  --jobs N             checks side by side (default: two a processor)\n"
            "  --seconds N          limit for each check (default 10)\n"
            "  --compiler CC        gcc (default) or clang\n"
            "\n"
            "options of class; --seed, --sandbox, --seconds and --compiler are those of grade:\n"
            "  -o, --output DIR     the folder for gradebook, tables, feedback and the page of the class\n"
            "  --roster FILE.csv    who should be there\n"
            "  --course FILE.yaml   points, due dates, what being late costs (course.example.yaml)\n"
            "  --canvas FILE.csv    the table that Canvas exported, to be filled in as DIR/canvas.csv\n"
            "  --moodle FILE.csv    the table that Moodle exported, to be filled in as DIR/moodle.csv\n"
            "  -j, --jobs N         hand-ins graded side by side (default: one a processor)\n"
            "  --again              grade what was graded before, too\n"
            "  --dry-run            say what would be done, change nothing\n"
            "  --similarity[=N]     list hand-ins that are alike for N percent (default 60) or more\n"
            "\n"
            "exit status: 0 full marks, 1 not, 2 wrong usage, 3 the grader could not grade\n"
            "exit status of class: 0 all graded that can be, 2 wrong usage or input, 3 grades are missing for the grader's own reasons\n"
            "exit status of doctor: 0 all there, 1 something is missing, 3 nothing can be graded\n"),
          out);
}

int command_end_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return STATUS_FULL;
    die(STATUS_TROUBLE, "%s: %s", _("standard output"), strerror(errno));
}

void command_usage(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct buf b = {0};
    buf_vprintf(&b, format, args);
    va_end(args);
    die(STATUS_USAGE, _("%s (socklab --help shows the usage)"), buf_text(&b));
}
