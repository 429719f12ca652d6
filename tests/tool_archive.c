/**
 * @file tool_archive.c
 * archive FORMAT FILE: makes an archive of what stdin says, a line for each entry, honest or not:
 *
 *     file PATH TEXT       a file of this text; \n and \xHH in path and text are bytes
 *     copy PATH FROM       a file with the bytes of another
 *     zeros PATH COUNT     a file of COUNT zeros
 *     many PREFIX COUNT    COUNT files PREFIX0, PREFIX1...
 *     link PATH TARGET     a symbolic link
 *     hard PATH TARGET     a hard link
 *     device PATH          a character device
 *     fifo PATH            a named pipe
 *
 * FORMAT: zip, tar, tar.gz, tar.xz, 7z, or zip-secret, which is encrypted.
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static void fail(const char *what, const char *why) __attribute__((noreturn));

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "archive: %s: %s\n", what, why ? why : "");
    exit(1);
}

/* Bytes for \n and \xHH, in place. */
static size_t undo_escapes(char *text)
{
    char *out = text;
    for (const char *in = text; *in;) {
        unsigned byte;
        if (in[0] == '\\' && in[1] == 'x' && sscanf(in + 2, "%2x", &byte) == 1) {
            *out++ = (char)byte;
            in += 4;
        } else if (in[0] == '\\' && in[1] == 'n') {
            *out++ = '\n';
            in += 2;
        } else {
            *out++ = *in++;
        }
    }
    *out = '\0';
    return (size_t)(out - text);
}

static void set_format(struct archive *a, const char *format)
{
    int result = ARCHIVE_FATAL;
    if (strcmp(format, "7z") == 0)
        result = archive_write_set_format_7zip(a);
    else if (strncmp(format, "zip", 3) == 0)
        result = archive_write_set_format_zip(a);
    else if (strncmp(format, "tar", 3) == 0)
        result = archive_write_set_format_gnutar(a);
    if (strcmp(format, "tar.gz") == 0)
        result |= archive_write_add_filter_gzip(a);
    if (strcmp(format, "tar.xz") == 0)
        result |= archive_write_add_filter_xz(a);
    if (strcmp(format, "zip-secret") == 0)
        result |= archive_write_set_options(a, "zip:encryption=traditional") | archive_write_set_passphrase(a, "secret");
    if (result != ARCHIVE_OK)
        fail(format, archive_error_string(a));
}

static struct archive_entry *new_entry(const char *path, unsigned type, size_t size)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, path);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 1700000000, 0);
    if (type == AE_IFREG)
        archive_entry_set_size(entry, (la_int64_t)size);
    return entry;
}

static void put_entry(struct archive *a, struct archive_entry *entry)
{
    /* A name that is no UTF-8 is a warning. */
    if (archive_write_header(a, entry) < ARCHIVE_WARN)
        fail("header", archive_error_string(a));
    archive_entry_free(entry);
}

static void put_file(struct archive *a, const char *path, const char *bytes, size_t size)
{
    put_entry(a, new_entry(path, AE_IFREG, size));
    if (archive_write_data(a, bytes, size) < 0)
        fail(path, archive_error_string(a));
}

static void put_zeros(struct archive *a, const char *path, size_t size)
{
    static const char zeros[65536];
    put_entry(a, new_entry(path, AE_IFREG, size));
    for (size_t n; size > 0; size -= n) {
        n = size < sizeof zeros ? size : sizeof zeros;
        if (archive_write_data(a, zeros, n) < 0)
            fail(path, archive_error_string(a));
    }
}

static void put_copy(struct archive *a, const char *path, const char *from)
{
    FILE *in = fopen(from, "rb");
    struct stat st;
    if (!in || fstat(fileno(in), &st) < 0)
        fail(from, "cannot be read");
    char *bytes = malloc((size_t)st.st_size + 1);
    if (!bytes || fread(bytes, 1, (size_t)st.st_size, in) != (size_t)st.st_size)
        fail(from, "cannot be read");
    put_file(a, path, bytes, (size_t)st.st_size);
    free(bytes);
    fclose(in);
}

static void put_many(struct archive *a, const char *prefix, size_t count)
{
    char path[512];
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s%zu", prefix, i);
        put_file(a, path, "", 0);
    }
}

static void put_special(struct archive *a, const char *word, const char *path, const char *target)
{
    struct archive_entry *entry;
    if (strcmp(word, "link") == 0) {
        entry = new_entry(path, AE_IFLNK, 0);
        archive_entry_set_symlink(entry, target);
    } else if (strcmp(word, "hard") == 0) {
        entry = new_entry(path, AE_IFREG, 0);
        archive_entry_set_hardlink(entry, target);
    } else if (strcmp(word, "device") == 0) {
        entry = new_entry(path, AE_IFCHR, 0);
        archive_entry_set_rdev(entry, makedev(1, 5));
    } else if (strcmp(word, "fifo") == 0) {
        entry = new_entry(path, AE_IFIFO, 0);
    } else {
        fail(word, "no such word");
    }
    put_entry(a, entry);
}

static void put_line(struct archive *a, char *line)
{
    char *rest = NULL;
    char *word = strtok_r(line, " ", &rest), *path = strtok_r(NULL, " ", &rest), *text = rest ? rest : line + strlen(line);
    if (!word || !path)
        fail("a line", "has no path");
    for (char *c = path; *c; c++) /* a blank in a path is written as | */
        *c = *c == '|' ? ' ' : *c;
    undo_escapes(path);
    if (strcmp(word, "file") == 0)
        put_file(a, path, text, undo_escapes(text));
    else if (strcmp(word, "copy") == 0)
        put_copy(a, path, text);
    else if (strcmp(word, "zeros") == 0)
        put_zeros(a, path, strtoul(text, NULL, 10));
    else if (strcmp(word, "many") == 0)
        put_many(a, path, strtoul(text, NULL, 10));
    else
        put_special(a, word, path, text);
}

int main(int argc, char **argv)
{
    char *line = NULL;
    size_t room = 0;
    struct archive *a = archive_write_new();
    if (argc != 3 || !a)
        fail("usage", "archive FORMAT FILE");
    set_format(a, argv[1]);
    if (archive_write_open_filename(a, argv[2]) != ARCHIVE_OK)
        fail(argv[2], archive_error_string(a));
    for (ssize_t n; (n = getline(&line, &room, stdin)) > 0;) {
        line[strcspn(line, "\n")] = '\0';
        if (*line)
            put_line(a, line);
    }
    free(line);
    if (archive_write_close(a) != ARCHIVE_OK)
        fail(argv[2], archive_error_string(a));
    return archive_write_free(a) == ARCHIVE_OK ? 0 : 1;
}
