/**
 * @file piece.h
 * For the files of submission.h alone: what a student handed in, piece by piece, before anything is chosen.
 *
 * A path is a label: bytes without a NUL, parts between `/`, from a folder, an archive or an archive in one. None is ever opened.
 */
#ifndef SOCKLAB_CLASS_PIECE_H
#define SOCKLAB_CLASS_PIECE_H

#include "class/submission.h"

#include <dirent.h>

enum {
    PIECE_PATH_MAX = 4096,
    PIECE_ARCHIVE_LIMIT = 16 << 20, /**< bytes of an archive within a hand-in */
    PIECES_MAX = 2000,              /**< of one student */
    NAMES_MAX = 500,                /**< of files that can be none of the lab's; more are only counted */
    PIECES_BYTES = 64 << 20,        /**< of one student, or what one archive of his gives */
};

enum piece_kind {
    PIECE_FILE,
    PIECE_LINK,  /**< symbolic, or one archive entry that is another one's */
    PIECE_OTHER, /**< a device, a pipe, a socket */
};

enum piece_bytes {
    PIECE_NAMED,   /**< only the name was kept: it can be no file of the lab */
    PIECE_KEPT,    /**< the bytes are here */
    PIECE_LARGE,   /**< more bytes than are taken */
    PIECE_DENIED,  /**< its permissions forbid reading */
};

struct piece {
    char *path;
    enum piece_kind kind;
    enum piece_bytes state;
    struct buf bytes;
    int64_t changed; /**< seconds since the epoch; 0 unknown */
};

struct pieces {
    struct piece *item;
    size_t count, capacity;
    size_t named; /**< files of which only the name counts, also those that were not kept */
    size_t most;  /**< how many are taken; 0: PIECES_MAX */
    size_t bytes; /**< kept in all */
    char *trouble; /**< a sentence on why not everything was read: a broken archive, too many files; the first one; NULL */
};

void pieces_free(struct pieces *p);
/** Takes the piece over. Beyond p->most it is freed and noted as trouble, beyond NAMES_MAX a mere name is freed. */
void pieces_add(struct pieces *p, struct piece piece);
void pieces_remove(struct pieces *p, size_t index);
/** The first trouble stays. */
void pieces_trouble(struct pieces *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** The part behind the last `/`. */
const char *path_base(const char *path);
/** Is it hidden, or what editors, systems and version control put beside a hand-in (.git, __MACOSX)? */
bool path_is_clutter(const char *path);
/** Does it end like an archive that archive_unpack() can take? */
bool path_is_archive(const char *path);
/** Bytes that are worth keeping of a file with this path; 0: its name is enough. */
size_t path_worth(const struct lab *lab, const char *path);
/** A name for people: UTF-8 on one line, nothing that steers a terminal. Caller frees. */
char *path_shown(const char *path);

/* --- sources of pieces ------------------------------------------------------------------------------- */

/** What an archive may cost. */
struct archive_limits {
    size_t entries;
    size_t bytes;
    unsigned seconds; /**< of the processor */
};
extern const struct archive_limits archive_of_student, archive_of_class;

/**
 * Adds what an archive (zip, tar, 7z; plain or compressed by gzip, bzip2, xz, zstd) holds, each path behind @p prefix. It is read
 * in a process of its own (hermit.h). @p bytes, or if that is NULL the file open at @p fd.
 * @return 0; -EBADMSG and pieces_trouble() when it is broken, encrypted, no archive or beyond the limits: what came
 *         before that is added; -errno for the grader's own trouble
 */
int archive_unpack(const struct lab *lab, int fd, const struct buf *bytes, const char *prefix,
                   const struct archive_limits *limits, struct pieces *out);

/** Adds what lies in the folder open at @p directory, without following a link or waiting; paths behind @p prefix. 0 or -errno. */
int folder_walk(const struct lab *lab, int directory, const char *prefix, struct pieces *out);

/** What is in it, hidden and clutter left out, in the order of bytes: how many, the caller frees all; or -errno. */
int folder_list(int directory, struct dirent ***entry);
/** Adds one file @p name of that folder under the path @p path. 0 or -errno. */
int folder_take(const struct lab *lab, int directory, const char *name, const char *path, struct pieces *out);

/** The committer's time of HEAD in the checkout whose folder is open at @p directory; 0 if it is none. Runs git behind walls. */
int64_t checkout_time(int directory);

/* --- names that platforms give ------------------------------------------------------------------------ */

/** Who a name says has handed it in. Strings are the caller's, as they stood in the name. */
struct ident {
    char *name; /**< NULL in an anonymous one */
    char *id;   /**< NULL if it has none */
    bool late;
    char *rest; /**< the file's own name or path; "" for a folder */
};

/**
 * `doejane_LATE_4711_90210_hello_server-2.c`, `doejane_4711_text.html`, `anon_ab1xY_90210_hello_server.c`. Of several ways
 * to read it the one whose file is one of the lab's is taken, then the leftmost.
 */
bool canvas_name(const struct lab *lab, const char *file, struct ident *out);
/** Canvas numbers a file handed in again: `hello_server-2.c` -> 2 and `hello_server.c` (caller frees); 0 and NULL if it did not. */
unsigned canvas_number(const char *file, char **plain);
/**
 * The first part of a path in Moodle's zip: `Jane Doe_4711_assignsubmission_file`, the same with a `_` behind or with the file's
 * name behind that (a flat zip), `Jane Doe_4711_file_`; of `onlinetext` too.
 */
bool moodle_name(const char *part, struct ident *out);
void ident_free(struct ident *i);

/* --- gathering: each student's pieces (gather.c) ---------------------------------------------------------- */

/** A reading under way: the list as it grows, and beside each submission its pieces. */
struct gather {
    const struct lab *lab;
    const char *path; /**< of the whole, as the user gave it */
    struct submissions *list;
    struct pieces *pieces;
    size_t strays; /**< things that belong to nobody; the first of them are notes */
};

/** The pieces of all students in the folder open at @p directory. 0 or -errno. */
int gather_folder(struct gather *g, int directory);
/** The same from the pieces of an archive, which it takes over. */
void gather_archive(struct gather *g, struct pieces *all);

/* --- choosing ------------------------------------------------------------------------------------------ */

/** Fills state, remark, files and hash of @p s from the pieces; opens archives among them as far as it must. Bytes move over. */
int choose_files(const struct lab *lab, struct pieces *pieces, struct submission *s);

/** What can be a student's key, from any name: see struct submission. Caller frees. */
char *submission_key(const char *text);
void submission_free(struct submission *s);
/** Lets go of the files of a hand-in that is not graded. */
void submission_drop(struct submission *s);
/** Brings the list into the order of its keys, and makes them unique. */
void submissions_sort(struct submissions *list);

/** SHA-256 over names and bytes of the files, into s->hash. */
void submission_hash(struct submission *s);

#endif
