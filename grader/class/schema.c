/**
 * @file schema.c
 * The keys of a course's file, for libcyaml. Everything is taken as text: its numbers would take 1.5 for 1 and 0x10 for 16.
 */
#include "class/schema.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 200, LIST_MOST = 1000 };

#define TEXT(key, type, member) \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 0, TEXT_MOST)

static const cyaml_schema_field_t late_fields[] = {
    TEXT("grace", struct late_words, grace),
    TEXT("percent_a_day", struct late_words, percent_a_day),
    TEXT("cut_off", struct late_words, cut_off),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t extension_fields[] = {
    TEXT("student", struct extension_words, student),
    TEXT("due", struct extension_words, due),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t extension_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct extension_words, extension_fields)};

enum { LAB_FIELDS = 9, COURSE_FIELDS = 6 };

struct schema {
    cyaml_config_t config;
    struct lab_schema {
        cyaml_schema_field_t field[LAB_FIELDS];
        cyaml_schema_field_t points[SCHEMA_CHECKS_MAX + 1];
        cyaml_strval_t id[SCHEMA_CHECKS_MAX];
        cyaml_schema_value_t hidden;
    } lab[SCHEMA_LABS_MAX];
    cyaml_schema_field_t labs[SCHEMA_LABS_MAX + 1];
    cyaml_schema_field_t limits[4];
    cyaml_schema_field_t course[COURSE_FIELDS];
    cyaml_schema_value_t root;
    struct complaint {
        char *message; /* libcyaml's first line of an error */
        struct spot where;
    } complaint;
};

/* --- the schema ------------------------------------------------------------------------------------------------ */

static void describe_checks(struct lab_schema *s, const struct lab *lab)
{
    for (size_t i = 0; i < lab->checks; i++) {
        const char *id = lab->check[i].id;
        s->points[i] = (cyaml_schema_field_t)TEXT(id, struct lab_words, points[0]);
        s->points[i].data_offset = (uint32_t)(offsetof(struct lab_words, points) + i * sizeof(char *));
        s->id[i] = (cyaml_strval_t){id, (int64_t)i};
    }
    s->points[lab->checks] = (cyaml_schema_field_t)CYAML_FIELD_END;
    s->hidden = (cyaml_schema_value_t){
        CYAML_VALUE_ENUM(CYAML_FLAG_STRICT, uint64_t, s->id, (uint32_t)lab->checks)};
}

/** The points stand in the lab's own struct: a mapping that adds no level of memory. */
static cyaml_schema_field_t points_field(const struct lab_schema *s)
{
    return (cyaml_schema_field_t){
        .key = "points",
        .value = {.type = CYAML_MAPPING,
                  .flags = CYAML_FLAG_OPTIONAL,
                  .data_size = sizeof(struct lab_words),
                  .mapping = {.fields = s->points}},
        .data_offset = 0,
    };
}

static void describe_lab(struct lab_schema *s, const struct lab *lab)
{
    describe_checks(s, lab);
    const cyaml_schema_field_t field[LAB_FIELDS] = {
        TEXT("due", struct lab_words, due),
        TEXT("out_of", struct lab_words, out_of),
        TEXT("canvas", struct lab_words, canvas),
        TEXT("moodle", struct lab_words, moodle),
        points_field(s),
        CYAML_FIELD_SEQUENCE_COUNT("hidden_until_due", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct lab_words,
                                   hidden, hidden_count, &s->hidden, 0, SCHEMA_CHECKS_MAX),
        CYAML_FIELD_MAPPING("late", CYAML_FLAG_OPTIONAL, struct lab_words, late, late_fields),
        CYAML_FIELD_SEQUENCE_COUNT("extensions", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct lab_words,
                                   extension, extension_count, &extension_entry, 0, LIST_MOST),
        CYAML_FIELD_END,
    };
    memcpy(s->field, field, sizeof(field));
}

static void describe_labs(struct schema *s, const struct lab *const *labs)
{
    size_t n = 0;
    for (; labs[n]; n++) {
        if (n == SCHEMA_LABS_MAX || labs[n]->checks > SCHEMA_CHECKS_MAX)
            BUG("more labs or checks than a course's file has room for");
        describe_lab(&s->lab[n], labs[n]);
        s->labs[n] = (cyaml_schema_field_t)CYAML_FIELD_MAPPING_PTR(
            labs[n]->id, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct course_words, lab[0], s->lab[n].field);
        s->labs[n].data_offset = (uint32_t)(offsetof(struct course_words, lab) + n * sizeof(struct lab_words *));
    }
    s->labs[n] = (cyaml_schema_field_t)CYAML_FIELD_END;
}

static void describe_course(struct schema *s)
{
    const cyaml_schema_field_t limits[] = {
        TEXT("seconds", struct course_words, limits.seconds),
        TEXT("compiler", struct course_words, limits.compiler),
        TEXT("sandbox", struct course_words, limits.sandbox),
        CYAML_FIELD_END,
    };
    memcpy(s->limits, limits, sizeof(limits));
    for (size_t i = 0; i + 1 < sizeof(limits) / sizeof(limits[0]); i++)
        s->limits[i].data_offset -= (uint32_t)offsetof(struct course_words, limits);
    const cyaml_schema_field_t course[COURSE_FIELDS] = {
        TEXT("course", struct course_words, course),
        TEXT("time_zone", struct course_words, time_zone),
        CYAML_FIELD_MAPPING("late", CYAML_FLAG_OPTIONAL, struct course_words, late, late_fields),
        CYAML_FIELD_MAPPING("limits", CYAML_FLAG_OPTIONAL, struct course_words, limits, s->limits),
        {.key = "labs",
         .value = {.type = CYAML_MAPPING,
                   .flags = CYAML_FLAG_OPTIONAL,
                   .data_size = sizeof(struct course_words),
                   .mapping = {.fields = s->labs}}},
        CYAML_FIELD_END,
    };
    memcpy(s->course, course, sizeof(course));
    s->root = (cyaml_schema_value_t){CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct course_words, s->course)};
}

/* --- what libcyaml says -------------------------------------------------------------------------------------------- */

/** An error is a line of words and then, from the inside out, lines with places. */
static void hear(cyaml_log_t level, void *argument, const char *format, va_list args)
{
    struct complaint *c = argument;
    struct buf line = {0}, plain = {0};
    if (level < CYAML_LOG_ERROR)
        return;
    buf_vprintf(&line, format, args);
    const char *text = buf_text(&line), *place = strstr(text, "(line: ");
    if (strncmp(text, "Load: ", 6) == 0 && !c->message) {
        buf_plain(&plain, text + 6, strcspn(text + 6, "\n"));
        c->message = buf_take(&plain);
    } else if (c->message && c->where.line == 0 && place) {
        sscanf(place, "(line: %zu, column: %zu)", &c->where.line, &c->where.column);
    }
    buf_free(&line);
}

int schema_load(const struct lab *const *labs, const void *bytes, size_t size, struct schema **schema,
                struct course_words **out, struct spot *where, char **message)
{
    struct schema *s = xcalloc(1, sizeof(*s));
    *schema = s;
    *out = NULL;
    *message = NULL;
    describe_labs(s, labs);
    describe_course(s);
    s->config = (cyaml_config_t){.log_fn = hear,
                                 .log_ctx = &s->complaint,
                                 .mem_fn = cyaml_mem,
                                 .log_level = CYAML_LOG_ERROR,
                                 .flags = CYAML_CFG_DEFAULT};
    cyaml_data_t *data = NULL;
    const uint8_t *text = size ? bytes : (const uint8_t *)"";
    cyaml_err_t error = cyaml_load_data(text, size, &s->config, &s->root, &data, NULL);
    *out = data;
    if (error == CYAML_OK)
        return 0;
    *where = s->complaint.where.line ? s->complaint.where : (struct spot){1, 1};
    *message = s->complaint.message ? s->complaint.message : xstrdup(cyaml_strerror(error));
    s->complaint.message = NULL;
    return -EBADMSG;
}

void schema_free(struct schema *schema, struct course_words *words)
{
    if (!schema)
        return;
    if (words)
        cyaml_free(&schema->config, &schema->root, words, 0);
    free(schema->complaint.message);
    free(schema);
}
