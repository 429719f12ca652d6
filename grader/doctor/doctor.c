/**
 * @file doctor.c
 * Gathers the facts, has them examined, says what was found.
 */
#include "doctor/doctor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void gather(struct doctor_facts *facts, struct sandbox_support *support)
{
    sandbox_survey(&facts->machine);
    facts->probe = sandbox_probe(SANDBOX_AUTO, support);
    facts->word = support->word;
    facts->protection = sandbox_support_protections(support);
    if (support->missing_count > 0)
        facts->last_words = support->missing[support->missing_count - 1];
    ssize_t length = readlink("/proc/self/exe", facts->self, sizeof facts->self - 1);
    if (length < 0)
        snprintf(facts->self, sizeof facts->self, "/usr/local/bin/socklab");
    if (facts->probe == 0)
        facts->room = doctor_try(support, &facts->trial);
}

int doctor_run(bool json)
{
    static const int status[] = {
        [DOCTOR_FINE] = STATUS_FULL, [DOCTOR_LESS] = STATUS_LESS, [DOCTOR_BROKEN] = STATUS_TROUBLE};
    struct sandbox_support support;
    struct doctor_facts facts = {0};
    struct doctor_report report;
    struct buf out = {0};

    gather(&facts, &support);
    doctor_examine(&facts, &report);
    if (json)
        doctor_show_json(&out, &facts, &report);
    else
        doctor_show_text(&out, &facts, &report);
    int error = fd_write_all(STDOUT_FILENO, out.data, out.length);
    int result = status[report.state];
    buf_free(&out);
    doctor_free(&report);
    sandbox_support_free(&support);
    if (error)
        die(STATUS_TROUBLE, "%s: %s", _("standard output"), strerror(-error));
    return result;
}
