/**
 * @file prepare.c
 * What a room is furnished with: the files handed in, the kit's, the reference programs. All of
 * it is read outside, before the room is entered: the room sees no path of the host's.
 */
#include "check/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { REFERENCE_MAX = 32 * 1024 * 1024 }; /* bytes of one kit file or program */

static struct buf *add_file(struct luggage *l, char *path, mode_t mode)
{
    size_t n = l->files + 1;
    l->file = xrealloc(l->file, n * sizeof(l->file[0]));
    l->bytes = xrealloc(l->bytes, n * sizeof(l->bytes[0]));
    l->path = xrealloc(l->path, n * sizeof(l->path[0]));
    l->file[l->files] = (struct sandbox_file){.path = path, .mode = mode};
    l->bytes[l->files] = (struct buf){.limit = REFERENCE_MAX};
    l->path[l->files] = path;
    return &l->bytes[l->files++];
}

/** Reads @p from into the luggage as @p path; 0 or -errno with a message. */
static int pack(struct luggage *l, char *path, const char *from, mode_t mode, char **message)
{
    int error = file_read(from, add_file(l, path, mode));
    if (error < 0)
        *message = xasprintf(_("%s: %s (is socklab built or installed completely?)"), from, strerror(-error));
    return error;
}

/** A reference program of this lab, or of another one: "05-connect/hello_client". */
static int pack_reference(struct luggage *l, const struct lab *lab, const struct grade_options *options,
                          const char *name, char **message)
{
    const char *slash = strrchr(name, '/');
    char *from = slash ? xasprintf("%s/reference/%s", options->data, name)
                       : xasprintf("%s/reference/%s/%s", options->data, lab->id, name);
    int error = pack(l, xasprintf("reference/%s", slash ? slash + 1 : name), from, 0555, message);
    free(from);
    return error;
}

/** A kit file stands in the lab's folder of the kit, or in the kit itself. */
static int read_kit(const struct lab *lab, const struct grade_options *options, const char *name,
                    struct buf *bytes, char **message)
{
    char *own = xasprintf("%s/kit/%s/%s", options->data, lab->id, name);
    char *common = xasprintf("%s/kit/%s", options->data, name);
    bytes->limit = REFERENCE_MAX;
    int error = file_read(own, bytes);
    if (error == -ENOENT)
        error = file_read(common, bytes);
    if (error < 0)
        *message = xasprintf(_("%s: %s (is socklab built or installed completely?)"), own, strerror(-error));
    free(own);
    free(common);
    return error;
}

static int add_kit(const struct lab *lab, const struct grade_options *options, const char *const *name,
                   struct build_intake *intake, char **message)
{
    for (; name && *name; name++) {
        struct buf bytes = {0};
        int error = read_kit(lab, options, *name, &bytes, message);
        if (error == 0)
            build_intake_kit(&lab->build, intake, *name, buf_text(&bytes), bytes.length);
        buf_free(&bytes);
        if (error < 0)
            return error;
    }
    return 0;
}

/** Buffers move while they are added; the pointers into them are set at the end. */
static void seal(struct luggage *l)
{
    for (size_t i = 0; i < l->files; i++) {
        l->file[i].bytes = buf_text(&l->bytes[i]);
        l->file[i].size = l->bytes[i].length;
    }
}

int luggage_pack(struct luggage *l, const struct lab *lab, const struct grade_options *options,
                 struct build_intake *intake, char **message)
{
    *l = (struct luggage){0};
    int error = add_kit(lab, options, lab->build.kit, intake, message);
    if (error == 0)
        error = add_kit(lab, options, lab->build.optional, intake, message);
    for (size_t i = 0; error == 0 && i < intake->files; i++) {
        const struct build_file *file = &intake->file[i];
        buf_add(add_file(l, xasprintf("src/%s", file->name), 0444), buf_text(&file->bytes), file->bytes.length);
    }
    for (const char *const *name = lab->reference; error == 0 && name && *name; name++)
        error = pack_reference(l, lab, options, *name, message);
    if (error == 0) {
        char *hook = xasprintf("%s/kit/leak_hook.c", options->data);
        error = pack(l, xstrdup("kit/leak_hook.c"), hook, 0444, message);
        free(hook);
    }
    seal(l);
    return error;
}

void luggage_free(struct luggage *l)
{
    for (size_t i = 0; i < l->files; i++) {
        buf_free(&l->bytes[i]);
        free(l->path[i]);
    }
    free(l->file);
    free(l->bytes);
    free(l->path);
}
