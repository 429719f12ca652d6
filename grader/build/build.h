/**
 * @file build.h
 * A submission's files -> programs. Pure planning and reading: what to compile with which command,
 * and what the compiler's answer means. The commands are run by check/prepare.c in the sandbox.
 *
 *   intake.c    which files are handed in, and whether they can be C at all
 *   folder.c    what else lies in the folder: the nearest name, the files that are not taken
 *   further.c   files of the student's own division, in a lab that leaves it open: which are taken, which are linked
 *   language.c  bytes that are no C: other languages, other formats
 *   plan.c      compile commands: plain, ASan+UBSan, TSan; gcc or clang
 *   message.c   what a compiler and linker said -> a finding with file and line
 *   reading.c   their lines, one after the other
 *   line.c      the kinds of lines that compilers, assemblers and linkers write
 *   hook.c      attempts to switch sanitizers off from inside, seen in the source
 *   source.c    C source as words, strings and marks, for language.c and hook.c
 *
 * part.h is for these files alone.
 */
#ifndef SOCKLAB_BUILD_H
#define SOCKLAB_BUILD_H

#include "core/core.h"
#include "core/verdict.h"

enum { BUILD_SOURCES_MAX = 64, BUILD_PROGRAMS_MAX = 4 };
enum { BUILD_FILE_LIMIT = 1 << 20 }; /**< bytes of one handed-in file */
enum { BUILD_FURTHER_LIMIT = 4 << 20 }; /**< bytes of all further ones (build_spec.further) */

/** One program of a lab, as its table says. */
struct build_program {
    const char *name;                      /**< "echo_server" */
    const char *source[BUILD_SOURCES_MAX]; /**< "echo_server.c", "io.c", NULL */
    bool threads;                          /**< link with pthreads; TSan build wanted */
    bool driver;                           /**< the kit's own main(), for unit tests: plain build only */
};

/** What a lab takes and makes. NULL-ended lists; a list may be NULL. */
struct build_spec {
    const char *const *hand_in; /**< files that must be handed in */
    const char *const
        *optional;          /**< files that may be; the kit's object stands in for one that is not */
    const char *const *kit; /**< files that the kit gives, whatever was handed in: "io.h" */
    /** The student may divide the program into further .c and .h files of any name, beside the first one of hand_in. */
    bool further;
    const struct build_program *program;
    size_t programs;
};

/** A file read from the submission, or given by the kit. */
struct build_file {
    const char *name; /**< points into the lab's table, or is `own` */
    char *own;        /**< the name of a further file; NULL */
    struct buf bytes;
    bool linked; /**< a further .c file that is compiled by itself: its programs have it beside those of their table */
    bool kit;    /**< the kit's own */
    bool object; /**< not here as source: the kit's compiled one is linked in its place */
};

struct build_intake {
    struct build_file file[BUILD_SOURCES_MAX]; /**< to be written into the source directory */
    size_t files;
    struct build_file
        aside[BUILD_SOURCES_MAX]; /**< handed in, but the kit has its own of that name */
    size_t asides;
    struct finding
        finding; /**< VERDICT_PASS, or VERDICT_MISSING with a sentence for each bad file */
    char **note; /**< for the report: files that were not taken, line ends... */
    size_t notes;
};

/**
 * Reads the files of @p spec from @p directory: regular files only. A link, pipe, device, directory,
 * an unreadable, empty or oversized file, one with NUL bytes or of another language each get a
 * sentence of their own; so does a missing one, with what was found and the nearest name.
 * Never follows a symbolic link inside the directory, never blocks on a pipe. @p out needs no
 * initialisation and is to be freed in any case.
 * @return 0, or -errno for what is no fault of a file: the directory itself, descriptors, the disk.
 */
int build_intake(const struct build_spec *spec, const char *directory, struct build_intake *out);

/**
 * Adds a file of the kit's. Call it for each name of spec->kit. It takes the place of a handed-in
 * one (a note says so if they differ). @p name must live as long as @p in; @p bytes are copied.
 */
void build_intake_kit(const struct build_spec *spec, struct build_intake *in, const char *name,
                      const void *bytes, size_t size);

/**
 * Lets the kit's object stand in for @p name of spec->optional; one that was handed in stays,
 * unless it was bad. An object, because it is a solution: whoever has lab 06 not finished may link
 * its io.c in lab 07, not read it. @p name must live as long as @p in.
 * @return true when it stands in: the objects of build_object() must be in the kit folder.
 */
bool build_intake_object(struct build_intake *in, const char *name);
void build_intake_free(struct build_intake *in);

/** Is @p name one of the lab's: to be handed in, optional, or the kit's own? */
bool build_takes(const struct build_spec *spec, const char *name);
/**
 * May @p name be a further file of this lab? One in .c or .h, of letters that can be shown and that no compiler's message
 * could be misread by; not test_*.c, which come with the kit.
 */
bool build_may_take(const struct build_spec *spec, const char *name);
/**
 * Letters to add, drop or change between a file's name and the one that was wanted, without case and marks; SIZE_MAX where
 * nobody would take the one for the other.
 */
size_t build_name_distance(const char *wanted, const char *name);

enum build_variant { BUILD_PLAIN, BUILD_ASAN, BUILD_TSAN, BUILD_VARIANTS };

/** The kit's object for @p source: "io.c" -> "io.o", "io.asan.o", "io.tsan.o"; the caller frees it. */
char *build_object(const char *source, enum build_variant variant);

/** One command: a program in a variant. argv is NULL-ended and owned. */
struct build_job {
    const struct build_program *program;
    enum build_variant variant;
    char **argv;  /**< runs with cwd = the source directory; files appear as ./name */
    char *output; /**< name below the bin directory: "hello_server", "hello_server.asan" */
};

/** With what and where a compiler works; the folders as it sees them. */
struct build_tools {
    const char *compiler; /**< "gcc", "clang", or one with a version or a path */
    const char *bin;      /**< where programs go: "/lab/bin" */
    const char *kit;      /**< where leak_hook.o and the kit's objects are: "/lab/kit" */
};

/**
 * The commands for all programs in @p variant (BUILD_TSAN: only those with threads; drivers: only
 * BUILD_PLAIN), into a malloc'ed array; returns how many. To be run with LC_ALL=C. The sanitizer
 * builds have the leak hook in them.
 */
size_t build_plan(const struct build_spec *spec, const struct build_intake *in,
                  enum build_variant variant, const struct build_tools *tools,
                  struct build_job **jobs);
void build_jobs_free(struct build_job *jobs, size_t count);

/** How a compiler's run ended. */
enum build_end {
    BUILD_SUCCEEDED,    /**< status 0 */
    BUILD_FAILED,       /**< any other status */
    BUILD_TIME_LIMIT,   /**< stopped by the caller */
    BUILD_OUTPUT_LIMIT, /**< stopped by the caller, or its messages or the program grew too large */
    BUILD_MEMORY_LIMIT, /**< killed for its memory */
    BUILD_KILLED,       /**< a signal from elsewhere: nothing that a source can do */
};

/**
 * Reads what a compiler and linker said: untrusted, any bytes, cut anywhere. Only files of @p in
 * are ever named, and a quoted line is shown only if it stands in that file: `#line` and includes
 * can name any file, and a message's text can hold newlines.
 * @param finding  empty before; filled with a message, places and at most some 40 lines of output,
 *                 unless the result is VERDICT_PASS
 * @return finding->verdict: VERDICT_PASS, VERDICT_WARNING, VERDICT_COMPILE, or VERDICT_TROUBLE when
 *         the fault is not the submission's (no compiler, no sanitizer library, a full disk)
 */
enum verdict build_read_messages(const struct build_intake *in, const char *bytes, size_t size,
                                 enum build_end end, struct finding *finding);

/**
 * Handed-in sources that reach for the sanitizers' switches (`__lsan_is_turned_off`, `no_sanitize`,
 * `__has_feature(address_sanitizer)`...): true, and @p finding (empty before) gets VERDICT_SANITIZER
 * with file and line. Comments do not count, nor do strings, except in a file with inline assembler
 * or aliases: those name symbols in strings. Names pasted together by macros are not seen.
 */
bool build_find_hooks(const struct build_intake *in, struct finding *finding);

/**
 * The leak hook's answers (grader/kit/leak_hook.c). A sanitizer build that gets the signal
 * SIGRTMAX-2 while it is blocked ends with one of these; any other end is no answer.
 */
enum { BUILD_LEAKS_FOUND = 96, BUILD_LEAKS_NONE = 97 };
#define BUILD_LEAK_SIGNAL (SIGRTMAX - 2)

#endif
