/**
 * @file list.c
 * socklab checks, which lists what is asked, and socklab doctor, which lists what the machine gives.
 */
#include "command/word.h"
#include "doctor/doctor.h"

#include <getopt.h>
#include <jansson.h>
#include <string.h>

enum wish { WISH_TEXT, WISH_JSON, WISH_HELP };

/** The options of both: --format and --help. @p wrong says which there are. optind is left at the first word behind them. */
static enum wish read_options(int argc, char **argv, const char *wrong)
{
    static const struct option options[] = {
        {"format", required_argument, NULL, OPT_FORMAT}, {"help", no_argument, NULL, OPT_HELP}, {NULL, 0, NULL, 0}};
    enum wish wish = WISH_TEXT;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == OPT_HELP)
            return WISH_HELP;
        if (option != OPT_FORMAT || (strcmp(optarg, "json") != 0 && strcmp(optarg, "text") != 0))
            command_usage("%s", wrong);
        wish = strcmp(optarg, "json") == 0 ? WISH_JSON : WISH_TEXT;
    }
    return wish;
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

int command_checks(int argc, char **argv)
{
    enum wish wish = read_options(argc, argv, _("checks knows --format text and --format json"));
    if (wish == WISH_HELP) {
        command_help(stdout);
        return command_end_output();
    }
    const struct lab *only = optind < argc ? word_lab(argv[optind++]) : NULL;
    if (optind < argc)
        command_usage(_("too many arguments: '%s'"), argv[optind]);
    json_t *list = json_array();
    for (size_t i = 0; labs_all[i]; i++) {
        if (only && labs_all[i] != only)
            continue;
        if (wish == WISH_JSON)
            json_array_append_new(list, lab_json(labs_all[i]));
        else
            list_lab(labs_all[i]);
    }
    if (wish == WISH_JSON) {
        json_dumpf(only ? json_array_get(list, 0) : list, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        putchar('\n');
    }
    json_decref(list);
    return command_end_output();
}

/* --- doctor -------------------------------------------------------------------------------------------------- */

int command_doctor(int argc, char **argv)
{
    enum wish wish = read_options(argc, argv, _("doctor knows --format text and --format json"));
    if (wish == WISH_HELP) {
        command_help(stdout);
        return command_end_output();
    }
    if (optind < argc)
        command_usage(_("too many arguments: '%s'"), argv[optind]);
    return doctor_run(wish == WISH_JSON);
}
