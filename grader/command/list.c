/**
 * @file list.c
 * socklab checks, which lists what is asked, and socklab doctor, which lists what the machine gives.
 */
#include "command/word.h"
#include "doctor/doctor.h"

#include <getopt.h>
#include <jansson.h>
#include <string.h>

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
    static const struct option options[] = {
        {"format", required_argument, NULL, OPT_FORMAT}, {"help", no_argument, NULL, OPT_HELP}, {NULL, 0, NULL, 0}};
    bool json = false;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == OPT_HELP) {
            command_help(stdout);
            return command_end_output();
        }
        if (option != OPT_FORMAT || (strcmp(optarg, "json") != 0 && strcmp(optarg, "text") != 0))
            command_usage(_("checks knows --format text and --format json"));
        json = strcmp(optarg, "json") == 0;
    }
    const struct lab *only = optind < argc ? word_lab(argv[optind++]) : NULL;
    if (optind < argc)
        command_usage(_("too many arguments: '%s'"), argv[optind]);
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
    return command_end_output();
}

/* --- doctor -------------------------------------------------------------------------------------------------- */

int command_doctor(int argc, char **argv)
{
    static const struct option options[] = {
        {"format", required_argument, NULL, OPT_FORMAT}, {"help", no_argument, NULL, OPT_HELP}, {NULL, 0, NULL, 0}};
    bool json = false;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == OPT_HELP) {
            command_help(stdout);
            return command_end_output();
        }
        if (option != OPT_FORMAT || (strcmp(optarg, "json") != 0 && strcmp(optarg, "text") != 0))
            command_usage(_("doctor knows --format text and --format json"));
        json = strcmp(optarg, "json") == 0;
    }
    if (optind < argc)
        command_usage(_("too many arguments: '%s'"), argv[optind]);
    return doctor_run(json);
}
