/**
 * @file
 * Reads the JSON that socklab writes, for the tests' shell scripts: build/tool/verdicts [--ids] [FILE]
 *
 * Without --ids, of a grade, one line each, words separated by one space:
 *
 *     grade LAB SCORE MAX complete|incomplete SECONDS
 *     check ID STATUS VERDICT POINTS MAX SECONDS
 *     message ID TEXT...                       (of a check that did not pass; newlines are blanks)
 *
 * With --ids, of `socklab checks LAB --format json`, the id of each check on a line.
 * Status 0; 1 when the input is not what socklab promises, with a line on stderr.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void quit(const char *what, const char *detail)
{
    fprintf(stderr, "verdicts: %s: %s\n", what, detail);
    exit(1);
}

/* A field that scripts rely on is there and has its type, or the test that reads it must not go on. */
static json_t *field(const json_t *object, const char *name, int is_right_type(const json_t *))
{
    json_t *value = json_object_get(object, name);

    if (!value || !is_right_type(value))
        quit("a field is missing or of another type", name);
    return value;
}

static int is_string(const json_t *value)
{
    return json_is_string(value);
}

static int is_integer(const json_t *value)
{
    return json_is_integer(value);
}

static int is_number(const json_t *value)
{
    return json_is_number(value);
}

static int is_boolean(const json_t *value)
{
    return json_is_boolean(value);
}

static int is_array(const json_t *value)
{
    return json_is_array(value);
}

static const char *text(const json_t *object, const char *name)
{
    return json_string_value(field(object, name, is_string));
}

static double seconds(const json_t *object)
{
    return json_number_value(field(object, "seconds", is_number));
}

static void print_message(const char *id, const char *message)
{
    printf("message %s ", id);
    for (; *message; message++)
        putchar(*message == '\n' ? ' ' : *message);
    putchar('\n');
}

static void print_grade(const json_t *grade)
{
    json_t *checks = field(grade, "checks", is_array);
    json_t *check;
    size_t i;

    printf("grade %s %lld %lld %s %.6f\n", text(grade, "lab"),
           (long long)json_integer_value(field(grade, "score", is_integer)),
           (long long)json_integer_value(field(grade, "max", is_integer)),
           json_is_true(field(grade, "complete", is_boolean)) ? "complete" : "incomplete",
           seconds(grade));
    json_array_foreach(checks, i, check)
    {
        const char *status = text(check, "status");

        printf("check %s %s %s %lld %lld %.6f\n", text(check, "id"), status, text(check, "verdict"),
               (long long)json_integer_value(field(check, "points", is_integer)),
               (long long)json_integer_value(field(check, "max", is_integer)), seconds(check));
        if (strcmp(status, "pass") != 0)
            print_message(text(check, "id"), text(check, "message"));
    }
}

/* The listing may hold one lab or several: every "checks" array in it, wherever it stands. */
static void print_ids(const json_t *value)
{
    const char *name;
    json_t *member;
    size_t i;

    if (json_is_array(value)) {
        json_array_foreach(value, i, member) print_ids(member);
        return;
    }
    json_object_foreach((json_t *)value, name, member)
    {
        if (strcmp(name, "checks") != 0 || !json_is_array(member)) {
            print_ids(member);
            continue;
        }
        for (i = 0; i < json_array_size(member); i++)
            puts(text(json_array_get(member, i), "id"));
    }
}

int main(int argc, char **argv)
{
    int ids = argc > 1 && strcmp(argv[1], "--ids") == 0;
    const char *path = argc > 1 + ids ? argv[1 + ids] : NULL;
    FILE *file = path ? fopen(path, "r") : stdin;
    json_error_t error;
    json_t *root;

    if (!file) {
        perror(path);
        return 1;
    }
    root = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        quit("not JSON", error.text);
    if (ids)
        print_ids(root);
    else
        print_grade(root);
    json_decref(root);
    if (path)
        fclose(file);
    return 0;
}
