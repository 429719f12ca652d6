/**
 * @file roster.c
 * Who should be there: a table, matched with what was handed in. Ids, logins and addresses say who is who; a name only
 * where one student alone has it. Nothing of the list is changed before the whole table is known to be right.
 */
#include "class/piece.h"
#include "class/value.h"
#include "core/csv.h"

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/* What a column can be. FIRST and LAST make a name where there is no other. */
enum column { LOGIN, ID, NAME, EMAIL, HANDED_IN, FIRST, LAST, COLUMNS };

/* Headings without blanks and marks, in lower case: ours, then those of Canvas and Moodle. */
static const struct {
    const char *heading;
    enum column column;
} headings[] = {
    {"login", LOGIN},       {"sisloginid", LOGIN}, {"username", LOGIN},    {"loginid", LOGIN},     {"account", LOGIN},
    {"user", LOGIN},        {"id", ID},            {"canvasid", ID},       {"identifier", ID},     {"userid", ID},
    {"participant", ID},    {"name", NAME},        {"student", NAME},      {"fullname", NAME},     {"studentname", NAME},
    {"sortablename", NAME}, {"email", EMAIL},      {"emailaddress", EMAIL}, {"handedin", HANDED_IN}, {"submittedat", HANDED_IN},
    {"firstname", FIRST},   {"givenname", FIRST},  {"lastname", LAST},     {"surname", LAST},      {"familyname", LAST},
    {"아이디", LOGIN},      {"로그인", LOGIN},     {"이름", NAME},         {"성명", NAME},         {"전체이름", NAME},
    {"학생", NAME},         {"이메일", EMAIL},     {"이메일주소", EMAIL},  {"전자메일", EMAIL},    {"제출시간", HANDED_IN},
};

/* One line of the roster. */
struct line {
    char *text[COLUMNS]; /* NULL where there is none */
    int64_t handed_in;
    size_t number;       /* of the file */
    size_t student;      /* whom it names: an index into the list; SIZE_MAX while unknown */
    char *words;         /* of the name, folded; NULL */
};

struct roster {
    struct csv table;
    const char *path;
    size_t column[COLUMNS]; /* SIZE_MAX for one that is not there */
    struct line *line;
    size_t lines;
    locale_t letters;
    char **name; /* of each submission, folded */
};

/* --- names that are compared --------------------------------------------------------------------------- */

static void put_letter(struct buf *b, wint_t letter)
{
    char bytes[MB_LEN_MAX];
    mbstate_t state = {0};
    size_t length = wcrtomb(bytes, (wchar_t)letter, &state);

    if (length != (size_t)-1)
        buf_add(b, bytes, length);
}

/* Letters and digits in lower case, words apart by `between` (NUL: not at all). Caller frees. */
static char *fold(const struct roster *r, const char *text, char between)
{
    struct buf folded = {0};
    size_t size = strlen(text);
    bool gap = false;
    locale_t before = uselocale(r->letters);

    for (size_t at = 0; at < size;) {
        uint32_t code;
        size_t length = utf8_decode(text + at, size - at, &code);
        wint_t lower = length ? towlower((wint_t)code) : L' ';
        at += length ? length : 1;
        if (!iswalnum(lower)) {
            gap = true;
            continue;
        }
        if (gap && between && folded.length)
            buf_add(&folded, &between, 1);
        gap = false;
        put_letter(&folded, lower);
    }
    uselocale(before);
    return buf_take(&folded);
}

/* Are the words the name, whichever of them comes first? "doe jane" and "jane doe" are Canvas's "doejane". */
static bool is_turned(const char *words, const char *name)
{
    size_t left = strlen(name);
    const char *word = words;

    while (word && *word) {
        const char *at = name;
        bool same = true;
        for (size_t turn = 0; same && turn < 2; turn++) /* from this word to the end, then from the first to here */
            for (const char *c = turn ? words : word; same && *c && (turn == 0 || c < word); c++)
                if (*c != ' ')
                    same = *at && *at++ == *c;
        if (same && (size_t)(at - name) == left)
            return true;
        word = strchr(word, ' ');
        word += word != NULL;
    }
    return false;
}

/* --- reading ---------------------------------------------------------------------------------------------- */

static char *refuse(const struct roster *r, size_t line, const char *text)
{
    return xasprintf("%s:%zu: %s", r->path, line, text);
}

static int find_columns(struct roster *r, char **message)
{
    for (size_t i = 0; i < COLUMNS; i++)
        r->column[i] = SIZE_MAX;
    for (size_t cell = 0; r->table.rows > 0 && cell < r->table.row[0].cells; cell++) {
        char *text = csv_get_plain(&r->table, 0, cell), *heading = fold(r, text, '\0');
        for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
            if (strcmp(heading, headings[i].heading) == 0 && r->column[headings[i].column] == SIZE_MAX)
                r->column[headings[i].column] = cell;
        free(heading);
        free(text);
    }
    if (r->column[LOGIN] != SIZE_MAX || r->column[ID] != SIZE_MAX || r->column[NAME] != SIZE_MAX || r->column[EMAIL] != SIZE_MAX)
        return 0;
    *message = refuse(r, 1, _("no column is called login, id, name or email"));
    return -EINVAL;
}

/* "Participant 4711" is number 4711 in Moodle's own table. */
static void strip_participant(char *id)
{
    const char *blank = strrchr(id, ' ');
    if (blank && blank[1] && strspn(blank + 1, "0123456789") == strlen(blank + 1))
        memmove(id, blank + 1, strlen(blank + 1) + 1);
}

static void make_name(struct line *l)
{
    if (l->text[NAME] || !(l->text[FIRST] || l->text[LAST]))
        return;
    const char *first = l->text[FIRST], *last = l->text[LAST];
    l->text[NAME] = first && last ? xasprintf("%s %s", first, last) : xstrdup(first ? first : last);
}

static void free_line(struct line *l)
{
    for (size_t i = 0; i < COLUMNS; i++)
        free(l->text[i]);
    free(l->words);
}

/* One row; an empty one, and Canvas's row of points, is none. */
static int read_line(struct roster *r, size_t row, char **message)
{
    struct line l = {.number = r->table.row[row].line, .student = SIZE_MAX};
    int result = 0;

    for (size_t i = 0; i < COLUMNS; i++) {
        char *text = r->column[i] == SIZE_MAX ? NULL : csv_get_plain(&r->table, row, r->column[i]);
        l.text[i] = text && *text ? path_shown(text) : NULL;
        free(text);
    }
    if (l.text[ID])
        strip_participant(l.text[ID]);
    make_name(&l);
    l.words = l.text[NAME] ? fold(r, l.text[NAME], ' ') : NULL;
    bool points = l.text[NAME] && !l.text[ID] && !l.text[LOGIN] && strcmp(l.text[NAME], "Points Possible") == 0;
    if (l.text[HANDED_IN] && !points) {
        char *why = NULL;
        result = value_time(l.text[HANDED_IN], NULL, &l.handed_in, NULL, &why);
        if (result != 0)
            *message = refuse(r, l.number, why);
        free(why);
    }
    if (points || !(l.text[LOGIN] || l.text[ID] || l.text[NAME] || l.text[EMAIL])) {
        free_line(&l);
        return result;
    }
    r->line = xrealloc(r->line, (r->lines + 1) * sizeof r->line[0]);
    r->line[r->lines++] = l;
    return result;
}

static void free_roster(struct roster *r)
{
    for (size_t i = 0; i < r->lines; i++)
        free_line(&r->line[i]);
    free(r->line);
    csv_free(&r->table);
    if (r->letters)
        freelocale(r->letters);
}

static int read_roster(struct roster *r, char **message)
{
    r->letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
    if (!r->letters) {
        *message = xasprintf(_("the locale C.UTF-8 is not there: %s"), strerror(errno));
        return -ENOENT;
    }
    int result = csv_read(r->path, &r->table, message);
    if (result == 0)
        result = find_columns(r, message);
    for (size_t row = 1; result == 0 && row < r->table.rows; row++)
        result = read_line(r, row, message);
    if (result == 0 && r->lines == 0) {
        *message = refuse(r, 1, _("names nobody"));
        result = -EINVAL;
    }
    return result;
}

/* --- matching ------------------------------------------------------------------------------------------------ */

static bool is_equal(const char *a, const char *b)
{
    return a && b && strcasecmp(a, b) == 0;
}

/* The ways to know somebody, surest first. */
static bool is_by_id(const struct line *l, const struct submission *s, const char *name)
{
    (void)name;
    return l->text[ID] && (is_equal(l->text[ID], s->lms_id) || is_equal(l->text[ID], s->student));
}

static bool is_by_login(const struct line *l, const struct submission *s, const char *name)
{
    (void)name;
    return is_equal(l->text[LOGIN], s->student);
}

static bool is_by_email(const struct line *l, const struct submission *s, const char *name)
{
    const char *email = l->text[EMAIL];
    size_t local = email ? strcspn(email, "@") : 0;
    (void)name;
    return email && (is_equal(email, s->student) || (local > 0 && strlen(s->student) == local &&
                                                      strncasecmp(email, s->student, local) == 0));
}

static bool is_by_name(const struct line *l, const struct submission *s, const char *name)
{
    (void)s;
    return l->words && is_turned(l->words, name);
}

/* Matches what is not matched yet, where the line fits one submission alone and that fits no other line. */
static void match_by(struct roster *r, const struct submissions *list,
                     bool (*fits)(const struct line *, const struct submission *, const char *name))
{
    size_t *only = xmalloc((r->lines + 1) * sizeof *only), *fitting = xcalloc(list->count + 1, sizeof *fitting);
    bool *known = xcalloc(list->count + 1, sizeof *known);

    for (size_t i = 0; i < r->lines; i++)
        if (r->line[i].student != SIZE_MAX)
            known[r->line[i].student] = true;
    for (size_t i = 0; i < r->lines; i++) {
        size_t count = 0;
        only[i] = SIZE_MAX;
        for (size_t k = 0; r->line[i].student == SIZE_MAX && k < list->count; k++) {
            if (known[k] || !fits(&r->line[i], &list->item[k], r->name[k]))
                continue;
            only[i] = count++ == 0 ? k : SIZE_MAX;
            fitting[k]++;
        }
    }
    for (size_t i = 0; i < r->lines; i++)
        if (only[i] != SIZE_MAX && fitting[only[i]] == 1)
            r->line[i].student = only[i];
    free(known);
    free(fitting);
    free(only);
}

/* Surest first: what an id has matched is out of the question for a name. */
static void match_all(struct roster *r, const struct submissions *list)
{
    r->name = xmalloc((list->count + 1) * sizeof r->name[0]);
    for (size_t i = 0; i < list->count; i++)
        r->name[i] = fold(r, list->item[i].name, '\0');
    match_by(r, list, is_by_id);
    match_by(r, list, is_by_login);
    match_by(r, list, is_by_email);
    match_by(r, list, is_by_name);
    for (size_t i = 0; i < list->count; i++)
        free(r->name[i]);
    free(r->name);
}

/* --- telling the list ------------------------------------------------------------------------------------------- */

static const char *key_of(const struct line *l)
{
    for (size_t i = LOGIN; i <= EMAIL; i++)
        if (l->text[i])
            return l->text[i];
    BUG("a line of the roster without a word");
}

static void set_text(char **where, const char *text)
{
    if (!text)
        return;
    free(*where);
    *where = xstrdup(text);
}

static void apply_line(const struct line *l, struct submission *s)
{
    s->on_roster = true;
    set_text(&s->login, l->text[LOGIN]);
    set_text(&s->email, l->text[EMAIL]);
    set_text(&s->name, l->text[NAME]);
    set_text(&s->lms_id, l->text[ID]);
    if (l->text[LOGIN]) {
        free(s->student);
        s->student = submission_key(l->text[LOGIN]);
    }
    if (l->handed_in) {
        s->handed_in = l->handed_in;
        s->clock = SUBMISSION_TIME_ROSTER;
    }
}

static void add_missing(struct submissions *list, const struct line *l)
{
    list->item = xrealloc(list->item, (list->count + 1) * sizeof list->item[0]);
    struct submission *s = &list->item[list->count++];
    *s = (struct submission){.student = submission_key(key_of(l)), .name = xstrdup(key_of(l)), .state = SUBMISSION_NOTHING};
    s->remark = xstrdup(_("Nothing was handed in."));
    apply_line(l, s);
}

static void note_stranger(struct submissions *list, const struct roster *r, const struct submission *s)
{
    list->note = xrealloc(list->note, (list->notes + 1) * sizeof list->note[0]);
    list->note[list->notes++] = xasprintf(_("%s (%s) is not in %s."), s->name, s->student, r->path);
}

static void apply_all(struct roster *r, struct submissions *list)
{
    size_t count = list->count;

    for (size_t i = 0; i < r->lines; i++) {
        if (r->line[i].student == SIZE_MAX)
            add_missing(list, &r->line[i]);
        else
            apply_line(&r->line[i], &list->item[r->line[i].student]);
    }
    for (size_t i = 0; i < count; i++)
        if (!list->item[i].on_roster)
            note_stranger(list, r, &list->item[i]);
    submissions_sort(list);
}

/* Two lines of one login or id would be two marks for one student, or one for two. */
static int find_twin(const struct roster *r, char **message)
{
    for (size_t i = 0; i < r->lines; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct line *a = &r->line[k], *b = &r->line[i];
            if (!is_equal(a->text[LOGIN], b->text[LOGIN]) && !is_equal(a->text[ID], b->text[ID]))
                continue;
            char *why = xasprintf(_("the same login or id as on line %zu"), a->number);
            *message = refuse(r, b->number, why);
            free(why);
            return -EINVAL;
        }
    }
    return 0;
}

int roster_apply(struct submissions *list, const char *path, char **message)
{
    struct roster r = {.path = path};

    *message = NULL;
    int result = read_roster(&r, message);
    if (result == 0)
        result = find_twin(&r, message);
    if (result == 0) {
        match_all(&r, list);
        apply_all(&r, list);
    }
    free_roster(&r);
    return result;
}
