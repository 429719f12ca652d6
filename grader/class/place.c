/**
 * @file place.c
 * libyaml's tree: lines and columns of values, keys that stand twice.
 */
#include "class/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct places {
    yaml_document_t document;
};

/* libyaml counts from 0. */
static struct spot spot_of(yaml_mark_t mark)
{
    return (struct spot){mark.line + 1, mark.column + 1};
}

static bool is_scalar(const yaml_node_t *node, const char *text, size_t size)
{
    return node && node->type == YAML_SCALAR_NODE && node->data.scalar.length == size &&
           memcmp(node->data.scalar.value, text, size) == 0;
}

/* --- reading --------------------------------------------------------------------------------------------- */

static bool same_scalar(const yaml_node_t *a, const yaml_node_t *b)
{
    return b && b->type == YAML_SCALAR_NODE && is_scalar(a, (const char *)b->data.scalar.value, b->data.scalar.length);
}

/** The second of two equal keys in a mapping; NULL: there is none. */
static const yaml_node_t *find_twin(yaml_document_t *document, const yaml_node_t *mapping)
{
    yaml_node_pair_t *from = mapping->data.mapping.pairs.start, *end = mapping->data.mapping.pairs.top;
    for (yaml_node_pair_t *a = from; a < end; a++)
        for (yaml_node_pair_t *b = from; b < a; b++)
            if (same_scalar(yaml_document_get_node(document, a->key), yaml_document_get_node(document, b->key)))
                return yaml_document_get_node(document, a->key);
    return NULL;
}

static int refuse_twins(yaml_document_t *document, struct spot *where, char **message)
{
    const yaml_node_t *node;
    for (int i = 1; (node = yaml_document_get_node(document, i)); i++) {
        const yaml_node_t *twin = node->type == YAML_MAPPING_NODE ? find_twin(document, node) : NULL;
        if (!twin)
            continue;
        struct buf key = {0};
        buf_quote(&key, twin->data.scalar.value, twin->data.scalar.length, 60);
        *where = spot_of(twin->start_mark);
        *message = xasprintf(_("%s stands here a second time"), buf_text(&key));
        buf_free(&key);
        return -EBADMSG;
    }
    return 0;
}

static int refuse_second_document(yaml_parser_t *parser, struct spot *where, char **message)
{
    yaml_document_t next;
    if (!yaml_parser_load(parser, &next)) {
        *where = spot_of(parser->problem_mark);
        *message = xstrdup(parser->problem ? parser->problem : _("this is no YAML"));
        return -EBADMSG;
    }
    const yaml_node_t *root = yaml_document_get_root_node(&next);
    if (root) {
        *where = spot_of(next.start_mark);
        *message = xstrdup(_("a second document begins here; one file is one course"));
    }
    yaml_document_delete(&next);
    return root ? -EBADMSG : 0;
}

/** A byte that is no UTF-8 has no line, only an offset. */
static struct spot spot_of_problem(const yaml_parser_t *parser, const char *text)
{
    if (parser->error != YAML_READER_ERROR)
        return spot_of(parser->problem_mark);
    struct spot spot = {1, 1};
    for (size_t i = 0; i < parser->problem_offset; i++) {
        spot.column = text[i] == '\n' ? 1 : spot.column + 1;
        spot.line += text[i] == '\n';
    }
    return spot;
}

int places_read(const void *bytes, size_t size, struct places **out, struct spot *where, char **message)
{
    yaml_parser_t parser;
    const char *text = size ? bytes : "";
    *out = NULL;
    *message = NULL;
    if (!yaml_parser_initialize(&parser))
        die(STATUS_TROUBLE, "%s", _("out of memory"));
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    struct places *p = xcalloc(1, sizeof(*p));
    int error = -EBADMSG;
    if (!yaml_parser_load(&parser, &p->document)) {
        *where = spot_of_problem(&parser, text);
        *message = xstrdup(parser.problem ? parser.problem : _("this is no YAML"));
        free(p);
        goto out;
    }
    *out = p;
    error = refuse_twins(&p->document, where, message);
    /* An empty stream has ended with its first document. */
    if (error == 0 && yaml_document_get_root_node(&p->document))
        error = refuse_second_document(&parser, where, message);
    if (error < 0) {
        places_free(p);
        *out = NULL;
    }
out:
    yaml_parser_delete(&parser);
    return error;
}

void places_free(struct places *p)
{
    if (!p)
        return;
    yaml_document_delete(&p->document);
    free(p);
}

/* --- finding ----------------------------------------------------------------------------------------------- */

/** One part of a path, from a node on. */
static yaml_node_t *step_into(yaml_document_t *document, const yaml_node_t *node, const char *part, size_t size)
{
    if (node->type == YAML_MAPPING_NODE) {
        for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++)
            if (is_scalar(yaml_document_get_node(document, pair->key), part, size))
                return yaml_document_get_node(document, pair->value);
    } else if (node->type == YAML_SEQUENCE_NODE) {
        size_t index = strtoul(part, NULL, 10);
        if (index < (size_t)(node->data.sequence.items.top - node->data.sequence.items.start))
            return yaml_document_get_node(document, node->data.sequence.items.start[index]);
    }
    return NULL;
}

struct spot places_find(struct places *p, const char *path)
{
    yaml_node_t *node = yaml_document_get_root_node(&p->document);
    for (yaml_node_t *next = node; next && *path;) {
        size_t size = strcspn(path, "/");
        next = step_into(&p->document, node, path, size);
        node = next ? next : node;
        path += size + (path[size] == '/');
    }
    return node ? spot_of(node->start_mark) : (struct spot){1, 1};
}

static bool is_before(struct spot a, struct spot b)
{
    return a.line < b.line || (a.line == b.line && a.column < b.column);
}

struct spot places_find_key(struct places *p, const char *key, struct spot from)
{
    struct spot best = {SIZE_MAX, 0};
    const yaml_node_t *node;
    for (int i = 1; (node = yaml_document_get_node(&p->document, i)); i++) {
        if (node->type != YAML_MAPPING_NODE)
            continue;
        for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
            const yaml_node_t *name = yaml_document_get_node(&p->document, pair->key);
            struct spot spot = spot_of(name->start_mark);
            if (is_scalar(name, key, strlen(key)) && !is_before(spot, from) && is_before(spot, best))
                best = spot;
        }
    }
    return best.line == SIZE_MAX ? from : best;
}

bool places_is_empty(struct places *p)
{
    const yaml_node_t *root = yaml_document_get_root_node(&p->document);
    return !root || is_scalar(root, "", 0);
}
