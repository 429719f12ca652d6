/**
 * @file
 * Reads the grader's reports as a stranger would:
 *
 *     build/tool/report promised FILE       every field that a JSON grade promises is there, with its type and a value it may have
 *     build/tool/report timeless FILE       the JSON grade without what differs from run to run: times, ports that the
 *                                           kernel chose, steps and ladders: what two processes do at once has no order
 *     build/tool/report field NAME FILE     a top-level field's value; of a list its strings, one a line
 *     build/tool/report check ID NAME FILE  the same of one check
 *     build/tool/report xml FILE            FILE is well-formed XML (no DTD): elements nest, attributes are quoted, entities known
 *
 * Status 0; 1 with a line on stderr when the file is not so.
 */
#include <ctype.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void refuse(const char *what, const char *detail) __attribute__((noreturn));
static void refuse(const char *what, const char *detail)
{
    fprintf(stderr, "report: %s: %s\n", what, detail);
    exit(1);
}

/* --- JSON: what is promised --------------------------------------------------------------------------- */

enum type { TEXT, NUMBER, WHOLE, TRUTH, LIST, TABLE, TEXT_OR_NULL, WHOLE_OR_NULL };

struct promise {
    const char *name;
    enum type type;
};

static const struct promise of_grade[] = {
    {"lab", TEXT}, {"score", WHOLE}, {"max", WHOLE}, {"complete", TRUTH}, {"sandbox", TEXT}, {"seed", WHOLE},
    {"protections", TABLE}, {"unprotected", TABLE}, {"seconds", NUMBER}, {"checks", LIST}, {NULL, TEXT},
};
static const struct promise of_check[] = {
    {"id", TEXT}, {"title", TEXT}, {"status", TEXT}, {"points", WHOLE}, {"max", WHOLE}, {"verdict", TEXT},
    {"message", TEXT}, {"hint", TEXT}, {"handout", TEXT}, {"where", LIST}, {"steps", LIST}, {"replay", TEXT},
    {NULL, TEXT},
};
static const struct promise of_place[] = {
    {"file", TEXT_OR_NULL}, {"line", WHOLE_OR_NULL}, {"call", TEXT_OR_NULL}, {NULL, TEXT},
};

static bool has_type(const json_t *value, enum type type)
{
    switch (type) {
    case TEXT: return json_is_string(value);
    case NUMBER: return json_is_number(value);
    case WHOLE: return json_is_integer(value);
    case TRUTH: return json_is_boolean(value);
    case LIST: return json_is_array(value);
    case TABLE: return json_is_object(value);
    case TEXT_OR_NULL: return json_is_string(value) || json_is_null(value);
    case WHOLE_OR_NULL: return json_is_integer(value) || json_is_null(value);
    }
    return false;
}

static void keep_promises(const json_t *object, const struct promise *promise)
{
    for (; promise->name; promise++) {
        const json_t *value = json_object_get(object, promise->name);
        if (!value || !has_type(value, promise->type))
            refuse("a field is missing or of another type", promise->name);
    }
}

static const char *text(const json_t *object, const char *name)
{
    const char *string = json_string_value(json_object_get(object, name));
    return string ? string : "";
}

static json_int_t whole(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void demand_word(const json_t *object, const char *name, const char *words)
{
    const char *value = text(object, name);
    char padded[64], list[512];
    snprintf(padded, sizeof padded, " %s ", value);
    snprintf(list, sizeof list, " %s ", words);
    if (!*value || strchr(value, ' ') || !strstr(list, padded))
        refuse("not a word that this field may have", value);
}

static void judge_check(const json_t *check)
{
    const json_t *item;
    size_t i;
    keep_promises(check, of_check);
    demand_word(check, "status", "pass fail skip error");
    demand_word(check, "verdict", "pass mismatch stuck spinning timeout crashed exited sanitizer leak never-listened "
                                  "compile warning missing not-run trouble");
    bool passed = strcmp(text(check, "status"), "pass") == 0;
    if (whole(check, "points") != (passed ? whole(check, "max") : 0))
        refuse("points that were not won", text(check, "id"));
    if (!passed && !*text(check, "message"))
        refuse("no message", text(check, "id"));
    if (!strchr(text(check, "handout"), '#'))
        refuse("no section of a handout", text(check, "id"));
    if (strncmp(text(check, "replay"), "socklab grade ", 14) != 0)
        refuse("no command", text(check, "replay"));
    json_array_foreach(json_object_get(check, "where"), i, item) keep_promises(item, of_place);
    json_array_foreach(json_object_get(check, "steps"), i, item) if (!json_is_string(item))
        refuse("a step that is no string", text(check, "id"));
}

/* Each is on, or says why not; nothing else is said to be off. */
static void judge_protections(const json_t *grade)
{
    json_t *on = json_object_get(grade, "protections"), *off = json_object_get(grade, "unprotected"), *value;
    const char *id;
    size_t count = 0;
    json_object_foreach(on, id, value)
    {
        if (!json_is_boolean(value) || (json_is_false(value) && !*text(off, id)))
            refuse("neither on nor off with a reason", id);
        count += json_is_false(value);
    }
    if (json_object_size(on) == 0 || json_object_size(off) != count)
        refuse("not those that are off", "unprotected");
}

static void judge_grade(const json_t *grade)
{
    json_int_t points = 0, max = 0;
    const json_t *check;
    size_t i;
    keep_promises(grade, of_grade);
    demand_word(grade, "sandbox", "full partial off");
    judge_protections(grade);
    json_array_foreach(json_object_get(grade, "checks"), i, check)
    {
        judge_check(check);
        points += whole(check, "points");
        max += whole(check, "max");
    }
    if (i == 0)
        refuse("there are no checks", "checks");
    if (points != whole(grade, "score") || max != whole(grade, "max"))
        refuse("the sums are not those of the checks", "score, max");
}

/* --- JSON: what differs from run to run --------------------------------------------------------------- */

/* Ports that the kernel chooses begin at 32768 (ip(7), ip_local_port_range); the grader's own are below. */
static char *without_ports(const char *string)
{
    char *clean = malloc(strlen(string) + 1), *to = clean;
    if (!clean)
        refuse("memory", "none");
    for (const char *at = string; *at;) {
        char *end = (char *)at;
        long number = isdigit((unsigned char)*at) ? strtol(at, &end, 10) : 0;
        if (end - at == 5 && number >= 32768 && number <= 65535) {
            *to++ = 'P';
            at = end;
        } else {
            do
                *to++ = *at++;
            while (at < end);
        }
    }
    *to = '\0';
    return clean;
}

static json_t *timeless(const json_t *value)
{
    const char *name;
    const json_t *member;
    size_t i;
    if (json_is_string(value)) {
        char *clean = without_ports(json_string_value(value));
        json_t *string = json_string(clean);
        free(clean);
        return string;
    }
    if (json_is_array(value)) {
        json_t *list = json_array();
        json_array_foreach(value, i, member) json_array_append_new(list, timeless(member));
        return list;
    }
    if (!json_is_object(value))
        return json_copy((json_t *)value);
    json_t *object = json_object();
    json_object_foreach((json_t *)value, name, member) if (strcmp(name, "seconds") != 0 && strcmp(name, "steps") != 0 &&
                                                           strcmp(name, "ladder") != 0)
        json_object_set_new(object, name, timeless(member));
    return object;
}

static void print_value(const json_t *value)
{
    const json_t *item;
    size_t i;
    if (json_is_string(value)) {
        puts(json_string_value(value));
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, item) print_value(item);
    } else {
        json_dumpf(value, stdout, JSON_ENCODE_ANY);
        putchar('\n');
    }
}

static const json_t *find_check(const json_t *grade, const char *id)
{
    const json_t *check;
    size_t i;
    json_array_foreach(json_object_get(grade, "checks"), i, check) if (strcmp(text(check, "id"), id) == 0) return check;
    refuse("there is no such check", id);
}

static void print_field(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (!value)
        refuse("there is no such field", name);
    print_value(value);
}

/* --- XML ------------------------------------------------------------------------------------------------- */

enum { NESTING_MAX = 32, NAME_MAX_ = 64 };

static const char *name_end(const char *at)
{
    while (isalnum((unsigned char)*at) || strchr("_:-.", *at)) {
        if (!*at)
            break;
        at++;
    }
    return at;
}

/* A text or an attribute's value up to @p stop: known entities, no `<`, no control characters. */
static const char *pass_text(const char *at, char stop)
{
    static const char *const entities[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&apos;", "&#10;", "&#9;", "&#13;"};
    while (*at && *at != stop) {
        if (*at == '<')
            refuse("< in a value", at);
        if ((unsigned char)*at < 32 && !strchr("\n\t\r", *at))
            refuse("a control character", at);
        if (*at == '&') {
            size_t i = 0, n = sizeof entities / sizeof *entities;
            while (i < n && strncmp(at, entities[i], strlen(entities[i])) != 0)
                i++;
            if (i == n)
                refuse("an unknown entity", at);
        }
        at++;
    }
    return at;
}

/* Behind an element's name: attributes, then `>` or `/>`. True if the element is open. */
static bool pass_attributes(const char **text_at)
{
    const char *at = *text_at;
    for (;;) {
        const char *before = at;
        at += strspn(at, " \n\t");
        if (*at == '>' || strncmp(at, "/>", 2) == 0) {
            bool open = *at == '>';
            *text_at = at + (open ? 1 : 2);
            return open;
        }
        const char *end = name_end(at);
        if (at == before || end == at || end[0] != '=' || (end[1] != '"' && end[1] != '\''))
            refuse("a bad attribute", at);
        at = pass_text(end + 2, end[1]);
        if (!*at)
            refuse("an attribute without an end", end);
        at++;
    }
}

static void judge_xml(const char *at)
{
    char open[NESTING_MAX][NAME_MAX_];
    size_t depth = 0, roots = 0;
    if (strncmp(at, "<?xml ", 6) == 0) {
        at = strstr(at, "?>");
        if (!at)
            refuse("a declaration without an end", "<?xml");
        at += 2;
    }
    for (;;) {
        const char *start = at;
        at = pass_text(at, '<');
        if (depth == 0 && strspn(start, " \n\t") < (size_t)(at - start))
            refuse("text outside of the root", start);
        if (!*at)
            break;
        bool closes = at[1] == '/';
        const char *name = at + 1 + closes, *end = name_end(name);
        if (end == name || end - name >= NAME_MAX_)
            refuse("a bad element", at);
        if (closes) {
            if (depth == 0 || strlen(open[depth - 1]) != (size_t)(end - name) ||
                strncmp(open[depth - 1], name, (size_t)(end - name)) != 0 || *end != '>')
                refuse("elements that do not nest", at);
            depth--;
            at = end + 1;
            continue;
        }
        if (depth == 0 && roots++ > 0)
            refuse("a second root", at);
        at = end;
        if (depth == NESTING_MAX)
            refuse("too deep", name);
        snprintf(open[depth], NAME_MAX_, "%.*s", (int)(end - name), name);
        if (pass_attributes(&at))
            depth++;
    }
    if (depth > 0 || roots != 1)
        refuse("elements without an end", depth > 0 ? open[depth - 1] : "no root");
}

/* --- the command ----------------------------------------------------------------------------------------- */

/* The file's text, NUL-terminated; static storage. */
static const char *read_text(const char *path)
{
    static char bytes[4 << 20];
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(bytes, 1, sizeof bytes - 1, file) : 0;
    if (length == 0)
        refuse("cannot be read, or is empty", path);
    if (!feof(file) || ferror(file))
        refuse("too long", path);
    if (memchr(bytes, '\0', length))
        refuse("a NUL byte", path);
    fclose(file);
    bytes[length] = '\0';
    return bytes;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        refuse("usage", "report promised|timeless|field NAME|check ID NAME|xml FILE");
    const char *word = argv[1];
    const char *bytes = read_text(argv[argc - 1]);
    if (strcmp(word, "xml") == 0) {
        judge_xml(bytes);
        return 0;
    }
    json_error_t error;
    json_t *grade = json_loads(bytes, JSON_REJECT_DUPLICATES, &error);
    if (!grade)
        refuse("not JSON", error.text);
    if (strcmp(word, "promised") == 0)
        judge_grade(grade);
    else if (strcmp(word, "field") == 0 && argc == 4)
        print_field(grade, argv[2]);
    else if (strcmp(word, "check") == 0 && argc == 5)
        print_field(find_check(grade, argv[2]), argv[3]);
    else if (strcmp(word, "timeless") == 0) {
        json_t *rest = timeless(grade);
        json_dumpf(rest, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
        putchar('\n');
        json_decref(rest);
    } else
        refuse("usage", word);
    json_decref(grade);
    return 0;
}
