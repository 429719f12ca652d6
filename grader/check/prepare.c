/**
 * @file prepare.c
 * What a room is furnished with: the files handed in, the kit's, the reference programs. All of
 * it is read outside, before the room is entered: the room sees no path of the host's. And what a
 * compiler's run on them came to.
 */
#include "check/room.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

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

static int add_kit(const struct lab *lab, const struct grade_options *options, struct build_intake *intake,
                   char **message)
{
    for (const char *const *name = lab->build.kit; name && *name; name++) {
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

/** For a file that may be handed in and was not, the kit's object, in each variant. */
static int pack_objects(struct luggage *l, const struct lab *lab, const struct grade_options *options,
                        struct build_intake *intake, char **message)
{
    int error = 0;
    for (const char *const *source = lab->build.optional; source && *source; source++) {
        if (!build_intake_object(intake, *source))
            continue;
        for (int variant = 0; error == 0 && variant < BUILD_VARIANTS; variant++) {
            char *name = build_object(*source, (enum build_variant)variant);
            char *path = xasprintf("kit/%s", name);
            error = read_kit(lab, options, name, add_file(l, path, 0444), message);
            free(name);
        }
    }
    return error;
}

/** Buffers move while they are added; the pointers into them are set at the end. */
static void seal(struct luggage *l)
{
    for (size_t i = 0; i < l->files; i++) {
        l->file[i].bytes = buf_text(&l->bytes[i]);
        l->file[i].size = l->bytes[i].length;
    }
}

/** What the sanitizer builds have beside the files handed in. */
static const char *const hooks[] = {"leak_hook.o", "thread_hook.o"};

int luggage_pack(struct luggage *l, const struct lab *lab, const struct grade_options *options,
                 struct build_intake *intake, char **message)
{
    *l = (struct luggage){0};
    int error = add_kit(lab, options, intake, message);
    if (error == 0)
        error = pack_objects(l, lab, options, intake, message);
    for (size_t i = 0; error == 0 && i < intake->files; i++) {
        const struct build_file *file = &intake->file[i];
        if (file->object)
            continue;
        buf_add(add_file(l, xasprintf("src/%s", file->name), 0444), buf_text(&file->bytes), file->bytes.length);
    }
    for (const char *const *name = lab->reference; error == 0 && name && *name; name++)
        error = pack_reference(l, lab, options, *name, message);
    for (size_t i = 0; error == 0 && i < sizeof(hooks) / sizeof(hooks[0]); i++) {
        char *hook = xasprintf("%s/kit/%s", options->data, hooks[i]);
        error = pack(l, xasprintf("kit/%s", hooks[i]), hook, 0444, message);
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

/* --- what a compiler's run came to ----------------------------------------------------------------------- */

static enum build_end end_of_build(int status, enum build_end stopped)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return BUILD_SUCCEEDED; /* however much it had to say */
    if (stopped != BUILD_FAILED)
        return stopped;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGXCPU)
        return BUILD_TIME_LIMIT;
    if (WIFSIGNALED(status) || WEXITSTATUS(status) > 128)
        return BUILD_KILLED;
    return BUILD_FAILED;
}

enum verdict compiler_judge(const struct build_intake *intake, const struct buf *said, int status,
                            enum build_end stopped, struct finding *f)
{
    enum build_end end = end_of_build(status, stopped);
    enum verdict verdict = build_read_messages(intake, buf_text(said), said->length, end, f);
    if (said->dropped == 0 || verdict == VERDICT_PASS)
        return verdict;
    if (verdict == VERDICT_TROUBLE && end == BUILD_FAILED) { /* why it failed is in the part that is lost */
        finding_free(f);
        verdict = build_read_messages(intake, "", 0, BUILD_OUTPUT_LIMIT, f);
    }
    char *message = xasprintf(_("%s Its messages are cut here: there are %zu bytes more."), f->message, said->dropped);
    free(f->message);
    f->message = message;
    return verdict;
}
