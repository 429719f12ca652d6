/**
 * @file image.c
 * Where a program's own code and its libraries lie in memory (proc(5), /proc/PID/maps).
 */
#include "tracer/internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** One line of /proc/PID/maps; the path is "" for anonymous memory. */
struct mapping {
    uintptr_t from, to;
    bool executable;
    char path[512];
};

static bool read_mapping(const char *line, struct mapping *m)
{
    unsigned long from, to;
    char flags[8];
    m->path[0] = '\0';
    if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %511[^\n]", &from, &to, flags, m->path) < 3)
        return false;
    m->from = from;
    m->to = to;
    m->executable = flags[2] == 'x';
    return true;
}

static int read_maps(pid_t pid, struct buf *maps)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/maps", pid);
    maps->limit = 256 * 1024;
    return file_read(path, maps);
}

static const char *next_line(const char *at)
{
    const char *end = strchr(at, '\n');
    return end ? end + 1 : at + strlen(at);
}

/**
 * Whether the machine keeps its own libraries there. Anything else that a program maps is its own, and its path means another
 * file to this process, perhaps one that the program has prepared.
 */
static bool is_machines(const char *path)
{
    return strncmp(path, "/usr/", 5) == 0 || strncmp(path, "/lib", 4) == 0;
}

struct image *image_open(pid_t pid)
{
    char link[64], exe[512];
    snprintf(link, sizeof(link), "/proc/%d/exe", pid);
    ssize_t n = readlink(link, exe, sizeof(exe) - 1);
    struct buf maps = {0};
    if (n < 0 || read_maps(pid, &maps) < 0) {
        buf_free(&maps);
        return NULL;
    }
    exe[n] = '\0';
    struct image *image = xcalloc(1, sizeof(*image));
    image->file = image->reader = -1;
    struct mapping m;
    for (const char *at = buf_text(&maps); *at; at = next_line(at)) {
        if (!read_mapping(at, &m) || strcmp(m.path, exe) != 0)
            continue;
        if (!image->base)
            image->base = m.from;
        if (!m.executable)
            continue;
        if (!image->text_from)
            image->text_from = m.from;
        image->text_to = m.to;
    }
    buf_free(&maps);
    return image;
}

void image_read_modules(struct image *image, pid_t pid)
{
    if (image->modules > 0)
        return;
    struct buf maps = {0};
    if (read_maps(pid, &maps) < 0) {
        buf_free(&maps);
        return;
    }
    struct mapping m;
    for (const char *at = buf_text(&maps); *at && image->modules < MODULES_MAX; at = next_line(at)) {
        if (!read_mapping(at, &m) || m.path[0] != '/' || (m.from != image->base && !is_machines(m.path)))
            continue;
        struct module *last = image->modules ? &image->module[image->modules - 1] : NULL;
        if (last && strcmp(last->path, m.path) == 0) {
            last->to = m.to;
            continue;
        }
        image->module = xrealloc(image->module, (image->modules + 1) * sizeof(image->module[0]));
        image->module[image->modules++] =
            (struct module){.from = m.from, .to = m.to, .path = xstrdup(m.path)};
    }
    buf_free(&maps);
}

void image_free(struct image *image)
{
    if (!image)
        return;
    for (size_t i = 0; i < image->modules; i++)
        free(image->module[i].path);
    free(image->module);
    fd_close(&image->file);
    fd_close(&image->reader);
    free(image);
}
