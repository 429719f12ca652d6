/**
 * @file build.h
 * A submission's files -> programs. Pure planning and reading: what to compile with which command,
 * and what the compiler's answer means. The commands are run by check/prepare.c in the sandbox.
 *
 *   intake.c    which files are handed in, and whether they can be C at all
 *   plan.c      compile commands: plain, ASan+UBSan, TSan; gcc or clang
 *   message.c   compiler and linker messages -> findings with file and line
 *   hook.c      attempts to switch sanitizers off from inside, seen in the source
 */
#ifndef SOCKLAB_BUILD_H
#define SOCKLAB_BUILD_H

#include "core/core.h"
#include "core/verdict.h"

enum { BUILD_SOURCES_MAX = 16, BUILD_PROGRAMS_MAX = 4 };
enum { BUILD_FILE_LIMIT = 1 << 20 }; /**< bytes of one handed-in file */

/** One program of a lab, as its table says. */
struct build_program {
    const char *name;                         /**< "echo_server" */
    const char *source[BUILD_SOURCES_MAX];    /**< "echo_server.c", "io.c", NULL */
    bool threads;                             /**< link with pthreads; TSan build wanted */
};

/** What a lab takes and makes. NULL-ended lists. */
struct build_spec {
    const char *const *hand_in;       /**< files that must be handed in */
    const char *const *kit;           /**< files that the kit gives when linking, e.g. "io.h" */
    const struct build_program *program;
    size_t programs;
};

/** A file read from the submission (or from the kit). */
struct build_file {
    const char *name;
    struct buf bytes;
};

struct build_intake {
    struct build_file file[BUILD_SOURCES_MAX];
    size_t files;
    struct finding finding; /**< VERDICT_PASS, or VERDICT_MISSING with a message for each bad file */
    char **note;            /**< files in the folder that were not taken, odd names... */
    size_t notes;
};

/**
 * Reads the files of @p spec from @p directory: regular files only (a link, pipe, device, directory,
 * an unreadable, empty, oversized file, one with NUL bytes or of another language (a shebang,
 * Python, C++, Java, HTML, ELF, UTF-16...) each get a message of its own; "you have hello-server.c: rename it"
 * when a near name is there). Never follows a symbolic link, never blocks on a pipe. 0 or -errno
 * for the grader's own trouble only.
 */
int build_intake(const struct build_spec *spec, const char *directory, struct build_intake *out);
void build_intake_free(struct build_intake *in);

enum build_variant { BUILD_PLAIN, BUILD_ASAN, BUILD_TSAN };

/** One command: a program in a variant. argv is NULL-ended and owned. */
struct build_job {
    const struct build_program *program;
    enum build_variant variant;
    char **argv;    /**< runs with cwd = the source directory; files appear as ./name */
    char *output;   /**< name below the bin directory: "hello_server", "hello_server.asan" */
};

/**
 * The commands for all programs in @p variant, into a malloc'ed array; returns how many. @p bin is the output
 * directory as the compiler sees it ("/lab/bin"); @p compiler "gcc" or "clang". Flags: -std=gnu11
 * -g -gdwarf-4? -fno-omit-frame-pointer -no-pie (plain), -fsanitize=address,undefined..., -Wall -Wextra,
 * -fdiagnostics-color=never, @p extra_objects (e.g. the kit's leak hook for sanitizer builds; NULL-ended, may be NULL).
 */
size_t build_plan(const struct build_spec *spec, enum build_variant variant, const char *compiler,
                  const char *bin, const char *const *extra_sources, struct build_job **jobs);
void build_jobs_free(struct build_job *jobs, size_t count);

/**
 * Reads a compiler's output (untrusted, any bytes, cut at some limit). Fills places (only files of the
 * submission are ever named or quoted: `#line` and includes can name any file) and output lines.
 * @p ok: the command succeeded. Returns VERDICT_PASS, VERDICT_WARNING or VERDICT_COMPILE. Linker
 * errors (undefined reference to `main', multiple definition) get a message in plain words.
 */
enum verdict build_read_messages(const struct build_spec *spec, const char *bytes, size_t size, bool ok,
                                 struct finding *finding);

/**
 * Sources that reach for the sanitizers' switches (`__lsan_is_turned_off`, `__asan_default_options`, `no_sanitize`,
 * `__SANITIZE_ADDRESS__`, __has_feature(address_sanitizer)...): true and a finding with file and line. Comments and strings do not count.
 */
bool build_find_hooks(const struct build_intake *in, struct finding *finding);

#endif
