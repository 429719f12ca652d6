/**
 * @file beside.c
 * Further files of a lab that leaves their names to the student: those in the folder of the file that the lab asks for, all of
 * them or none. What would be missing makes the hand-in one for a person to look at.
 */
#include "class/choice.h"

#include <string.h>

/* Where the first file of the lab's list was found; SIZE_MAX if it was not. */
static size_t find_first(const struct choice *c)
{
    for (size_t i = 0; i < c->s->files; i++)
        if (strcmp(c->s->file[i].name, c->lab->build.hand_in[0]) == 0)
            return c->taken[i];
    return SIZE_MAX;
}

static bool is_beside(const struct piece *piece, const struct piece *first)
{
    size_t length = (size_t)(path_base(first->path) - first->path);
    return piece != first && (size_t)(path_base(piece->path) - piece->path) == length &&
           memcmp(piece->path, first->path, length) == 0;
}

static void take_one(struct choice *c, size_t index)
{
    const struct piece *piece = &c->pieces->item[index];
    const char *base = path_base(piece->path);

    if (piece->kind != PIECE_FILE) {
        choice_remark(c, piece->kind == PIECE_LINK ? _("%s is a link: the file itself is wanted.") : _("%s is no regular file."),
                      choice_show(c, piece->path));
        c->unreadable = true;
    } else if (c->s->files == BUILD_SOURCES_MAX) {
        choice_remark(c, _("There are more than %d files."), BUILD_SOURCES_MAX);
        c->unreadable = true;
    } else {
        char *own = xstrdup(base);
        choice_take(c, index, own);
        c->s->file[c->s->files - 1].own = own;
    }
}

void choice_take_beside(struct choice *c)
{
    size_t first = c->two ? SIZE_MAX : find_first(c);

    if (first == SIZE_MAX)
        return;
    for (size_t i = 0; i < c->pieces->count && !c->unreadable; i++) {
        const char *base = path_base(c->pieces->item[i].path);
        if (build_may_take(&c->lab->build, base) && is_beside(&c->pieces->item[i], &c->pieces->item[first]))
            take_one(c, i);
    }
}
