/**
 * @file class.c
 * socklab class: a whole class at once.
 */
#include "class/class.h"
#include "class/similarity.h"
#include "command/word.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const struct option class_long[] = {
    {"output", required_argument, NULL, OPT_OUTPUT},   {"roster", required_argument, NULL, OPT_ROSTER},
    {"course", required_argument, NULL, OPT_COURSE},   {"canvas", required_argument, NULL, OPT_CANVAS},
    {"moodle", required_argument, NULL, OPT_MOODLE},   {"jobs", required_argument, NULL, OPT_JOBS},
    {"again", no_argument, NULL, OPT_AGAIN},           {"dry-run", no_argument, NULL, OPT_DRY_RUN},
    {"similarity", optional_argument, NULL, OPT_SIMILARITY},
    {"seed", required_argument, NULL, OPT_SEED},       {"sandbox", required_argument, NULL, OPT_SANDBOX},
    {"seconds", required_argument, NULL, OPT_SECONDS}, {"compiler", required_argument, NULL, OPT_COMPILER},
    {"help", no_argument, NULL, OPT_HELP},             {NULL, 0, NULL, 0},
};

/** One option; false if it is none of ours. */
static bool take_option(int option, struct class_options *o)
{
    switch (option) {
    case 'o':
    case OPT_OUTPUT: o->output = optarg; break;
    case OPT_ROSTER: o->roster = optarg; break;
    case OPT_COURSE: o->course = optarg; break;
    case OPT_CANVAS: o->canvas = optarg; break;
    case OPT_MOODLE: o->moodle = optarg; break;
    case 'j':
    case OPT_JOBS: o->workers = (int)word_number("jobs", optarg, 1, 64); break;
    case OPT_AGAIN: o->again = true; break;
    case OPT_DRY_RUN: o->dry_run = true; break;
    case OPT_SIMILARITY: o->similarity = optarg ? (int)word_number("similarity", optarg, 1, 100) : SIMILARITY_DEFAULT; break;
    case OPT_SEED: o->seed = (uint64_t)word_number("seed", optarg, 0, INT64_MAX); break;
    case OPT_SANDBOX:
        o->sandbox = word_sandbox(optarg);
        o->sandbox_said = true;
        break;
    case OPT_SECONDS: o->seconds = (int)word_number("seconds", optarg, 1, 3600); break;
    case OPT_COMPILER: o->compiler = optarg; break;
    case OPT_HELP: command_help(stdout); exit(command_end_output());
    default: return false;
    }
    return true;
}

/** The command line once more, as a shell takes it. */
static char *command_words(int argc, char **argv)
{
    struct buf b = {0};
    buf_shell(&b, program_invocation_name);
    for (int i = 0; i < argc; i++) {
        buf_puts(&b, " ");
        buf_shell(&b, argv[i]);
    }
    return buf_take(&b);
}

int command_class(int argc, char **argv)
{
    struct class_options o = {.seed = 1, .version = SOCKLAB_VERSION};
    char *command = command_words(argc, argv); /* before getopt_long() puts it into another order */
    o.command = command;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "o:j:", class_long, NULL)) != -1;)
        if (!take_option(option, &o))
            command_usage(_("unknown option, or one without its value: '%s'"), argv[optind - 1]);
    if (optind == argc)
        command_usage(_("which lab?"));
    o.lab = word_lab(argv[optind++]);
    if (optind == argc)
        command_usage(_("where are the hand-ins? A folder, or an archive of Canvas or Moodle"));
    o.submissions = argv[optind++];
    if (optind < argc)
        command_usage(_("too many arguments: '%s'"), argv[optind]);
    if (!o.output)
        command_usage(_("where should it all go? -o DIR"));
    char *data = word_data();
    o.data = data;
    int status = class_run(&o);
    free(data);
    free(command);
    command_end_output();
    return status;
}
