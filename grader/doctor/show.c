/**
 * @file show.c
 * How findings look: for a person, and as JSON.
 */
#include "doctor/doctor.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 80, INDENT = 9, LABEL = 15 };

static const char *const state_word[] = {
    [DOCTOR_FINE] = "fine",
    [DOCTOR_LESS] = "less",
    [DOCTOR_BROKEN] = "broken",
};
static const char *const home_word[] = {
    [HOME_MACHINE] = "machine",     [HOME_DOCKER] = "docker", [HOME_PODMAN] = "podman",
    [HOME_CONTAINER] = "container", [HOME_WSL1] = "wsl1",     [HOME_WSL2] = "wsl2",
};

/* One paragraph behind a label, its further lines below its first. Words longer than a line, and
 * lines that begin with a space, stay as they are: they are there to be copied. */
static void add_paragraph(struct buf *out, const char *label, const char *text)
{
    buf_printf(out, "%*s%-*s", INDENT, "", LABEL, label);
    for (const char *line = text; *line;) {
        size_t size = strcspn(line, "\n"), column = INDENT + LABEL;
        bool verbatim = *line == ' ';
        for (size_t at = 0; at < size;) {
            size_t word = at + strcspn(line + at, " \n");
            word = verbatim || word > size ? size : word;
            if (at > 0 && column + 1 + (word - at) > WIDTH) {
                buf_printf(out, "\n%*s", INDENT + LABEL, "");
                column = INDENT + LABEL;
            } else if (at > 0) {
                buf_puts(out, " ");
                column++;
            }
            buf_add(out, line + at, word - at);
            column += word - at;
            at = word < size ? word + 1 : size;
        }
        line += size + (line[size] == '\n');
        buf_puts(out, "\n");
        if (*line)
            buf_printf(out, "%*s", INDENT + LABEL, "");
    }
}

static void add_finding(struct buf *out, const struct doctor_finding *f)
{
    static const char *const heading[] = {
        [DOCTOR_FINE] = "  ok     ",
        [DOCTOR_LESS] = "  LESS   ",
        [DOCTOR_BROKEN] = "  BROKEN ",
    };

    buf_printf(out, "%s%-*s%s\n", heading[f->state], LABEL + 1, f->id, f->title);
    if (f->state == DOCTOR_FINE)
        return;
    add_paragraph(out, _("seen"), f->seen);
    add_paragraph(out, _("for a student"), f->student);
    add_paragraph(out, _("instructors"), f->instructor);
    for (size_t i = 0; i < f->remedies; i++)
        add_paragraph(out, i == 0 ? _("what helps") : "", f->remedy[i]);
    buf_puts(out, "\n");
}

static void add_protections(struct buf *out, const struct doctor_facts *facts, bool on,
                            const char *label)
{
    struct buf list = {0};

    for (size_t i = 0; i < SANDBOX_PROTECTIONS; i++) {
        if (facts->protection[i].on == on)
            buf_printf(&list, "%s%s", list.length ? ", " : "", facts->protection[i].id);
    }
    if (list.length > 0)
        add_paragraph(out, label, buf_text(&list));
    buf_free(&list);
}

static const char *tell_home(enum sandbox_home home)
{
    switch (home) {
    case HOME_DOCKER:
        return _(", in a Docker container");
    case HOME_PODMAN:
        return _(", in a Podman container");
    case HOME_CONTAINER:
        return _(", in a container");
    case HOME_WSL1:
        return _(", in WSL 1");
    case HOME_WSL2:
        return _(", in WSL 2");
    default:
        return "";
    }
}

void doctor_show_text(struct buf *out, const struct doctor_facts *facts,
                      const struct doctor_report *report)
{
    static const char *const verdict[] = {
        [DOCTOR_FINE] = N_("All there: grading works, with every protection."),
        [DOCTOR_LESS] = N_("Grading works. What is marked LESS is missing."),
        [DOCTOR_BROKEN] = N_("Grading does not work here before what is marked BROKEN is mended."),
    };
    const struct sandbox_survey *m = &facts->machine;
    struct buf system = {0};

    buf_plain(&system, m->system, strlen(m->system));
    buf_printf(out, "%s%sLinux %s%s, %s\n\n", buf_text(&system), system.length ? ", " : "",
               m->release, tell_home(m->home), m->root ? _("as root") : _("as an ordinary user"));
    buf_free(&system);
    for (size_t i = 0; i < report->findings; i++)
        add_finding(out, &report->finding[i]);
    buf_printf(out, "\n  sandbox: %s\n", facts->word);
    add_protections(out, facts, true, _("on"));
    add_protections(out, facts, false, _("off"));
    buf_printf(out, "\n%s\n", _(verdict[report->state]));
}

/* jansson refuses what is not UTF-8. */
static json_t *make_text(const char *text)
{
    struct buf clean = {0};

    buf_plain(&clean, text ? text : "", text ? strlen(text) : 0);
    json_t *string = json_string(buf_text(&clean));
    buf_free(&clean);
    return string;
}

static json_t *make_finding(const struct doctor_finding *f)
{
    json_t *object = json_object(), *remedies = json_array();

    for (size_t i = 0; i < f->remedies; i++)
        json_array_append_new(remedies, make_text(f->remedy[i]));
    json_object_set_new(object, "id", make_text(f->id));
    json_object_set_new(object, "title", make_text(f->title));
    json_object_set_new(object, "state", make_text(state_word[f->state]));
    json_object_set_new(object, "seen", make_text(f->seen));
    json_object_set_new(object, "student", make_text(f->student));
    json_object_set_new(object, "instructor", make_text(f->instructor));
    json_object_set_new(object, "remedies", remedies);
    return object;
}

void doctor_show_json(struct buf *out, const struct doctor_facts *facts,
                      const struct doctor_report *report)
{
    const struct sandbox_survey *m = &facts->machine;
    json_t *root = json_object(), *machine = json_object(), *findings = json_array();
    json_t *on = json_object(), *off = json_object();

    json_object_set_new(machine, "kernel", make_text(m->release));
    json_object_set_new(machine, "system", make_text(m->system));
    json_object_set_new(machine, "home", make_text(home_word[m->home]));
    json_object_set_new(machine, "root", json_boolean(m->root));
    /* The same two tables as in a grade's report. */
    for (size_t i = 0; i < SANDBOX_PROTECTIONS; i++) {
        const struct sandbox_protection *p = &facts->protection[i];
        json_object_set_new(on, p->id, json_boolean(p->on));
        if (!p->on)
            json_object_set_new(off, p->id, make_text(p->reason));
    }
    for (size_t i = 0; i < report->findings; i++)
        json_array_append_new(findings, make_finding(&report->finding[i]));
    json_object_set_new(root, "version", json_integer(1));
    json_object_set_new(root, "state", make_text(state_word[report->state]));
    json_object_set_new(root, "sandbox", make_text(facts->word));
    json_object_set_new(root, "machine", machine);
    json_object_set_new(root, "protections", on);
    json_object_set_new(root, "unprotected", off);
    json_object_set_new(root, "findings", findings);
    char *text = json_dumps(root, JSON_INDENT(2));
    if (!text)
        die(STATUS_TROUBLE, "%s", _("the JSON could not be written"));
    buf_puts(out, text);
    buf_puts(out, "\n");
    free(text);
    json_decref(root);
}
