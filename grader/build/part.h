/**
 * @file part.h
 * What the files of build/ tell each other. Nobody else includes this.
 */
#ifndef SOCKLAB_BUILD_PART_H
#define SOCKLAB_BUILD_PART_H

#include "build/build.h"

/* --- source.c: C source as a stream of tokens, comments gone and lines spliced -------------------- */

enum source_kind { SOURCE_END, SOURCE_WORD, SOURCE_STRING, SOURCE_MARK, SOURCE_NEWLINE };

/** Set bytes and size, line to 1, the rest to zero; free `text` with source_close(). */
struct source {
    const char *bytes;
    size_t size;
    size_t at;
    int line;       /**< of the next byte */
    int token_line; /**< of the token that source_next() returned */
    struct buf
        text; /**< the word; what stands between a string's quotes; the mark's one character */
};

struct source source_open(const void *bytes, size_t size);
/** The next token. Numbers are words, character constants are strings. */
enum source_kind source_next(struct source *s);
void source_close(struct source *s);
bool source_is(const struct source *s, const char *text);

/* --- language.c ------------------------------------------------------------------------------------- */

/**
 * What these bytes are instead of C, as the end of a sentence that begins with the file's name
 * ("is a Python program"), translated; NULL if they can be C. *line is set when a line shows it.
 */
const char *language_refuse(const void *bytes, size_t size, int *line);

/* --- folder.c --------------------------------------------------------------------------------------- */

enum { FOLDER_NAMES_MAX = 512 };

/** Names in a submission's folder, sorted; without hidden ones. */
struct folder {
    char *name[FOLDER_NAMES_MAX];
    bool directory[FOLDER_NAMES_MAX];
    bool regular[FOLDER_NAMES_MAX];
    size_t count;
    size_t more; /**< not kept */
};

/** 0 or -errno. */
int folder_read(int dir, struct folder *f);
void folder_free(struct folder *f);
/** Appends what a stranger called a file: in quotes when it holds more than letters, digits, "._-+". */
void folder_add_name(struct buf *b, const char *name);
/** Appends "The folder holds a.out and hello.c." */
void folder_describe(const struct folder *f, struct buf *b);
/** The file that was probably meant by @p name, or NULL. */
const char *folder_nearest(const struct folder *f, const struct build_spec *spec, const char *name);
/** The folder inside this one that holds a file @p name, or NULL. */
const char *folder_below(const struct folder *f, int dir, const char *name);
/** Appends the source files that this lab does not take, separated by commas; how many. */
size_t folder_left(const struct folder *f, const struct build_spec *spec, struct buf *b);

/* --- further.c -------------------------------------------------------------------------------------- */

/**
 * Says of the further files of @p in which are linked: not a .c file that another one includes, nor one with a main() of its
 * own where the file that must be handed in has one (a test's, an old copy). Appends the names of the latter to @p spare.
 */
void further_link(const struct build_spec *spec, struct build_intake *in, struct buf *spare);

/** Whether @p name is in the NULL-ended @p list, which may be NULL. */
bool build_listed(const char *const *list, const char *name);

/* --- line.c: one line of a compiler's output -------------------------------------------------------- */

enum line_kind {
    LINE_OTHER,     /**< nothing known */
    LINE_MESSAGE,   /**< FILE:LINE[:COLUMN]: SEVERITY: text */
    LINE_INCLUDED,  /**< In file included from FILE:LINE */
    LINE_INSIDE,    /**< FILE: In function 'main': */
    LINE_QUOTE,     /**< "   12 | text": a source line behind gcc's gutter */
    LINE_MARKS,     /**< "      |  ^~~" */
    LINE_INSERT,    /**< "  +++ |+#include <stdio.h>" */
    LINE_UNDEFINED, /**< undefined reference to `symbol' */
    LINE_MULTIPLE,  /**< multiple definition of `symbol' */
    LINE_TOOL,      /**< gcc: ..., /usr/bin/ld: ..., collect2: ... */
    LINE_LIMIT,     /**< stopped after so many errors */
};

enum severity { SEVERITY_NONE, SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };

/** A line taken apart. All text points into the line that was read. */
struct line {
    enum line_kind kind;
    const char *text; /**< the whole line, its newline and carriage return cut off */
    size_t length;
    const struct build_file *file; /**< NULL: none, or none of the submission's */
    bool named;                    /**< it names some file */
    bool
        path; /**< the file was named by an absolute path: the linker does, from debug information */
    int number; /**< line number, 0 if none */
    enum severity severity;
    const char *behind; /**< MESSAGE: the colon behind the file's name */
    const char *
        rest; /**< MESSAGE: text behind the severity; others: what follows the location or gutter */
    size_t rest_length;
    const char *symbol; /**< UNDEFINED, MULTIPLE */
    size_t symbol_length;
    const struct build_file *first; /**< MULTIPLE: where it was defined first */
    int first_number;
};

/** Takes one line apart. Never fails: what is not understood is LINE_OTHER. */
struct line line_read(const struct build_intake *in, const char *text, size_t length);
/** Line @p number of a file, without its end; false if there is none. */
bool line_of_file(const struct build_file *file, int number, const char **text, size_t *length);
/** Whether a line quoted by a compiler (tabs widened, perhaps cut) stands in this line of the file. */
bool line_stands_in(const struct build_file *file, int number, const char *quote, size_t length);

/* --- reading.c: all lines of a compiler's output --------------------------------------------------- */

/** How far a quotation without a gutter (clang before 17) has come. */
enum quotation { QUOTE_NONE, QUOTE_TEXT, QUOTE_CARET, QUOTE_INSERT };

/** A message that the finding's own sentence will tell of. */
struct first {
    const struct build_file *file;
    int number;
    char *text; /**< escaped, owned; NULL: there was none */
};

enum { READING_TOOLS = 3 };

/** Set in, finding and failed, the rest to zero; free with reading_close(). */
struct reading {
    const struct build_intake *in;
    struct finding *finding; /**< gets output and places */
    struct buf context;      /**< "In function...", for the next message that is shown */
    size_t more;             /**< messages that were too many to be shown */
    unsigned int compared;   /**< quoted lines looked up in the files */
    bool failed;             /**< errors count, and warnings don't */
    bool limited;            /**< the compiler stopped counting errors */
    bool hidden;             /**< the last line shown stands for lines about another file */

    /* The message being read: */
    bool showing;
    bool verified; /**< the last quoted line stands in the file */
    enum quotation quotation;
    int number;
    int includer_line;
    const struct build_file *quoted;   /**< lines of this file may follow */
    const struct build_file *includer; /**< through which file the compiler came there */

    size_t errors;
    size_t warnings;
    size_t elsewhere; /**< errors in files that are not the submission's */
    struct first error;
    struct first warning;
    struct first included; /**< the handed-in line that led to the first error elsewhere */
    struct line undefined; /**< the linker's first of each kind */
    struct line multiple;
    char *tool[READING_TOOLS]; /**< what the tools said for themselves; escaped, owned */
    size_t tools;
};

void reading_line(struct reading *r, const char *text, size_t length);
/** Appends a stranger's line so that it can be shown: escaped, tabs widened, cut. */
void reading_add(struct buf *b, const char *text, size_t length);
void reading_close(struct reading *r);

#endif
