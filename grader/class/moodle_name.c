/**
 * @file moodle_name.c
 * The names in the zip that Moodle makes of an assignment: the student's full name (in it `_` is a space), the number that the
 * student has in this assignment, what was handed in. Folders, or one flat list of files; Moodle before 4 has a `_` behind.
 */
#include "class/piece.h"

#include <stdlib.h>
#include <string.h>

/* What stands between a student and a file. The first is the usual one; the last is only meant behind a number. */
static const struct {
    const char *word;
    bool needs_id;
} markers[] = {
    {"_assignsubmission_file", false},
    {"_assignsubmission_onlinetext", false},
    {"_onlinetext", true},
    {"_file", true},
};

/* The first one that ends where a name may end. */
static const char *find_marker(const char *part, const char *word)
{
    for (const char *at = part; (at = strstr(at, word)); at++) {
        char behind = at[strlen(word)];
        if (at > part && (behind == '\0' || behind == '_'))
            return at;
    }
    return NULL;
}

/* Takes "Jane Doe_4711" apart. */
static void set_student(struct ident *out, const char *part, size_t length)
{
    const char *underscore = memrchr(part, '_', length);
    size_t id = underscore ? (size_t)(part + length - underscore) - 1 : 0;

    if (id > 0 && underscore > part && strspn(underscore + 1, "0123456789") >= id) {
        out->id = xstrndup(underscore + 1, id);
        length = (size_t)(underscore - part);
    }
    out->name = xstrndup(part, length);
}

bool moodle_name(const char *part, struct ident *out)
{
    *out = (struct ident){.late = false};
    for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++) {
        const char *marker = find_marker(part, markers[i].word);
        if (!marker)
            continue;
        set_student(out, part, (size_t)(marker - part));
        if (out->id || !markers[i].needs_id) {
            const char *rest = marker + strlen(markers[i].word);
            out->rest = xstrdup(*rest == '_' ? rest + 1 : rest);
            return true;
        }
        ident_free(out);
    }
    return false;
}
