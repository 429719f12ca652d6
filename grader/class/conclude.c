/**
 * @file conclude.c
 * What a choice comes to. A zero is only for who handed in nothing at all; whatever may hide a file is for a person.
 */
#include "class/choice.h"

#include <string.h>
#include <strings.h>

enum { NAMES_SHOWN = 5 };

/* Something that may hide what is missing: a link or an archive of an unknown kind. Remarks on it. */
static bool find_hidden(struct choice *c)
{
    static const char *const unknown[] = {".rar", ".egg", ".alz", ".gz", ".bz2", ".xz", ".zipx", ".lzh"};

    if (c->pieces->trouble) {
        choice_remark(c, "%s", c->pieces->trouble);
        return true;
    }
    for (size_t i = 0; i < c->pieces->count; i++) {
        const struct piece *piece = &c->pieces->item[i];
        const char *dot = strrchr(path_base(piece->path), '.');
        if (piece->kind != PIECE_FILE && build_takes(&c->lab->build, path_base(piece->path))) {
            choice_remark(c, piece->kind == PIECE_LINK ? _("%s is a link: the file itself is wanted.") : _("%s is no regular file."), choice_show(c, piece->path));
            return true;
        }
        if (piece->kind == PIECE_FILE && path_is_archive(piece->path) && piece->state != PIECE_NAMED) {
            choice_remark(c, piece->state == PIECE_LARGE ? _("%s is larger than the archives that are taken (16 MiB).")
                                                       : _("%s was not unpacked: it lies too deep, or there are too many archives."), choice_show(c, piece->path));
            return true;
        }
        for (size_t k = 0; dot && !path_is_archive(piece->path) && k < sizeof unknown / sizeof unknown[0]; k++) {
            if (strcasecmp(dot, unknown[k]) == 0) {
                choice_remark(c, _("%s is an archive of a kind that is not read; zip and tar.gz are."), choice_show(c, piece->path));
                return true;
            }
        }
    }
    return false;
}

static void remark_other(struct choice *c)
{
    struct buf names = {0};
    size_t shown = 0;

    for (size_t i = 0; i < c->pieces->count; i++) {
        const char *base = path_base(c->pieces->item[i].path);
        if (strcmp(base, "text.html") == 0 || strcmp(base, "onlinetext.html") == 0)
            choice_remark(c, "%s", _("It was typed in as a text."));
        else if (strcmp(base, "link.html") == 0)
            choice_remark(c, "%s", _("It was handed in as a link."));
        if (shown == NAMES_SHOWN)
            continue;
        buf_printf(&names, "%s%s", shown++ ? ", " : "", choice_show(c, c->pieces->item[i].path));
    }
    size_t more = c->pieces->count - shown + (c->pieces->named > NAMES_MAX ? c->pieces->named - NAMES_MAX : 0);
    if (more > 0)
        buf_printf(&names, _(" and %zu more"), more);
    choice_remark(c, _("What was handed in: %s."), buf_text(&names));
    buf_free(&names);
}

/* Is at least one file there that the lab asks for? */
static bool has_any(const struct choice *c)
{
    for (const char *const *name = c->lab->build.hand_in; *name; name++)
        if (choice_has(c, *name))
            return true;
    return false;
}

static void remark_missing(struct choice *c)
{
    for (const char *const *name = c->lab->build.hand_in; *name; name++)
        if (!choice_has(c, *name))
            choice_remark(c, _("%s is missing."), *name);
}

enum submission_state choice_conclude(struct choice *c)
{
    if (c->two)
        return SUBMISSION_TWO_CANDIDATES;
    if (c->unreadable)
        return SUBMISSION_UNREADABLE;
    if (choice_is_missing(c) && find_hidden(c))
        return SUBMISSION_UNREADABLE;
    if (c->pieces->count == 0) {
        choice_remark(c, "%s", _("Nothing was handed in."));
        return SUBMISSION_NOTHING;
    }
    remark_missing(c);
    if (c->renamed)
        return SUBMISSION_WRONG_NAME;
    if (has_any(c))
        return SUBMISSION_HANDED_IN;
    remark_other(c);
    return SUBMISSION_OTHER;
}
