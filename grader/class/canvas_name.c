/**
 * @file canvas_name.c
 * The names in the zip that Canvas makes of an assignment. Of a student's sortable name Canvas keeps letters, digits and `_`, in lower
 * case; then come LATE where it was late, the user's id, the attachment's id and the file's own name. In an anonymous
 * assignment `anon_` and five letters and digits stand for name and id. What was typed in or is a link has no attachment.
 */
#include "class/piece.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void ident_free(struct ident *i)
{
    free(i->name);
    free(i->id);
    free(i->rest);
    *i = (struct ident){.late = false};
}

static size_t count_digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* "_4711_90210_" at `at`: where the user's id ends; 0 if it is none. */
static size_t match_ids(const char *at, const char **rest)
{
    size_t user = *at == '_' ? count_digits(at + 1) : 0;
    const char *behind = at + 1 + user;

    if (user == 0 || *behind != '_')
        return 0;
    if (strcmp(behind, "_text.html") == 0 || strcmp(behind, "_link.html") == 0) {
        *rest = behind + 1;
        return user;
    }
    size_t attachment = count_digits(behind + 1);
    if (attachment == 0 || behind[1 + attachment] != '_' || behind[2 + attachment] == '\0')
        return 0;
    *rest = behind + 2 + attachment;
    return user;
}

/* Canvas takes the marks around numbers out of a name; only at its end can one be left: "student_5". */
static bool can_be_name(const char *file, const char *end)
{
    for (const char *at = memchr(file, '_', (size_t)(end - file)); at && at < end; at = strchr(at + 1, '_')) {
        const char *behind = at + 1 + count_digits(at + 1);
        if (behind > at + 1 && behind < end && *behind == '_')
            return false;
    }
    return true;
}

static bool is_of_lab(const struct lab *lab, const char *file)
{
    char *plain = NULL;
    canvas_number(file, &plain);
    bool known = build_takes(&lab->build, plain ? plain : file);
    free(plain);
    return known;
}

static void set_name(struct ident *out, const char *file, size_t length)
{
    if (length >= 5 && memcmp(file + length - 5, "_LATE", 5) == 0) {
        out->late = true;
        length -= 5;
    }
    out->name = length > 0 ? xstrndup(file, length) : NULL;
}

static bool match_anonymous(const char *file, struct ident *out)
{
    const char *at = file;

    if (strncmp(at, "LATE_", 5) == 0)
        at += 5;
    if (strncmp(at, "anon_", 5) != 0)
        return false;
    size_t id = 0;
    while (isalnum((unsigned char)at[5 + id]))
        id++;
    const char *behind = at + 5 + id;
    if (id == 0 || *behind != '_')
        return false;
    size_t attachment = count_digits(behind + 1);
    bool typed = strcmp(behind, "_text.html") == 0 || strcmp(behind, "_link.html") == 0;
    if (!typed && (attachment == 0 || behind[1 + attachment] != '_' || behind[2 + attachment] == '\0'))
        return false;
    *out = (struct ident){.late = at > file, .id = xstrndup(at, 5 + id)};
    out->rest = xstrdup(typed ? behind + 1 : behind + 2 + attachment);
    return true;
}

bool canvas_name(const struct lab *lab, const char *file, struct ident *out)
{
    const char *best = NULL, *rest = NULL;

    *out = (struct ident){.late = false};
    if (strchr(file, '/'))
        return false;
    if (match_anonymous(file, out))
        return true;
    for (const char *at = file; (at = strchr(at, '_')); at++) {
        const char *candidate;
        if (match_ids(at, &candidate) == 0 || !can_be_name(file, at))
            continue;
        if (!best || (!is_of_lab(lab, rest) && is_of_lab(lab, candidate))) {
            best = at;
            rest = candidate;
        }
    }
    if (!best)
        return false;
    set_name(out, file, (size_t)(best - file));
    out->id = xstrndup(best + 1, count_digits(best + 1));
    out->rest = xstrdup(rest);
    return true;
}

unsigned canvas_number(const char *file, char **plain)
{
    /* The ending of "lab-2.tar.gz" is both: the number stands before the first dot behind the last '-'. */
    const char *dash = strrchr(file, '-');
    size_t digits = dash ? count_digits(dash + 1) : 0;

    *plain = NULL;
    if (!dash || dash == file || digits == 0 || digits > 4 || dash[1] == '0' || dash[1 + digits] != '.')
        return 0;
    *plain = xasprintf("%.*s%s", (int)(dash - file), file, dash + 1 + digits);
    return (unsigned)strtoul(dash + 1, NULL, 10);
}
