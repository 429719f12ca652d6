/**
 * @file book.c
 * SQLite under the gradebook: opening, the schema and its version, statements. The only file that knows more of SQLite than
 * columns; docs/GRADEBOOK.md describes the schema for its readers.
 */
#include "class/book.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    APPLICATION = 0x736c6762, /* "slgb", for file(1) and for us */
    VERSION = 1,
    PATIENCE_MS = 10000, /* for somebody else's transaction, a browser of databases say */
};

/* Each step's text is one statement list, run in the transaction that makes the book. */
static const char *const schema[] = {
    "CREATE TABLE book (lab TEXT NOT NULL) STRICT",

    "CREATE TABLE run ("
    " id INTEGER PRIMARY KEY, source TEXT NOT NULL, version TEXT NOT NULL, seed INTEGER NOT NULL,"
    " compiler TEXT NOT NULL, sandbox TEXT NOT NULL, seconds INTEGER NOT NULL, again INTEGER NOT NULL,"
    " since INTEGER REFERENCES run (id), began INTEGER NOT NULL, ended INTEGER) STRICT",

    "CREATE TABLE student ("
    " id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, lms_id TEXT, login TEXT, email TEXT) STRICT",

    "CREATE TABLE submission ("
    " id INTEGER PRIMARY KEY, student INTEGER NOT NULL REFERENCES student (id), hash TEXT NOT NULL,"
    " UNIQUE (student, hash)) STRICT",

    "CREATE TABLE receipt ("
    " id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run (id), student INTEGER NOT NULL REFERENCES student (id),"
    " submission INTEGER REFERENCES submission (id), state TEXT NOT NULL, remark TEXT, source TEXT,"
    " handed_in INTEGER, late INTEGER NOT NULL, UNIQUE (student, run)) STRICT",

    "CREATE TABLE grading ("
    " id INTEGER PRIMARY KEY, submission INTEGER NOT NULL REFERENCES submission (id), run INTEGER NOT NULL REFERENCES run (id),"
    " started INTEGER NOT NULL, seconds REAL NOT NULL, complete INTEGER NOT NULL, score INTEGER, max INTEGER,"
    " sandbox TEXT, protections TEXT, result TEXT, trouble TEXT,"
    " CHECK (NOT complete OR (result IS NOT NULL AND trouble IS NULL))) STRICT",
    "CREATE INDEX grading_of_submission ON grading (submission, id)",

    "CREATE TRIGGER grading_unchanged BEFORE UPDATE ON grading BEGIN SELECT RAISE(ABORT, 'a grading is never changed'); END",
    "CREATE TRIGGER grading_kept BEFORE DELETE ON grading BEGIN SELECT RAISE(ABORT, 'a grading is never removed'); END",

    /* What came last from each student; `submission` is NULL when it could not be graded. */
    "CREATE VIEW current_receipt AS SELECT * FROM receipt AS r"
    " WHERE id = (SELECT max(id) FROM receipt WHERE student = r.student)",

    /* The last whole grading of what came last; while there is none, that of an earlier hand-in. */
    "CREATE VIEW current_grade AS SELECT student.id AS student_id, student.key AS student, student.name AS name,"
    " grading.id AS grading, grading.submission AS submission, grading.score AS score, grading.max AS max,"
    " grading.submission IS NOT latest.submission AS outdated"
    " FROM student JOIN current_receipt AS latest ON latest.student = student.id"
    " JOIN grading ON grading.id = coalesce("
    "  (SELECT max(g.id) FROM grading AS g WHERE g.submission = latest.submission AND g.complete),"
    "  (SELECT max(g.id) FROM grading AS g JOIN submission AS s ON s.id = g.submission"
    "    WHERE s.student = latest.student AND g.complete))",
};

static const char *const query_text[BOOK_QUERIES] = {
    [BOOK_BEGIN] = "BEGIN IMMEDIATE",
    [BOOK_COMMIT] = "COMMIT",
    [BOOK_ROLLBACK] = "ROLLBACK",
    [BOOK_LAST_RUN] = "SELECT again, since, ended IS NULL FROM run ORDER BY id DESC LIMIT 1",
    [BOOK_ADD_RUN] = "INSERT INTO run (source, version, seed, compiler, sandbox, seconds, again, since, began)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?, nullif(?, 0), unixepoch())",
    [BOOK_SET_SINCE] = "UPDATE run SET since = id WHERE id = ?",
    [BOOK_END_RUN] = "UPDATE run SET ended = unixepoch() WHERE id = ?",
    [BOOK_PUT_STUDENT] =
        "INSERT INTO student (key, name, lms_id, login, email) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (key) DO UPDATE SET name = excluded.name, lms_id = coalesce(excluded.lms_id, lms_id),"
        " login = coalesce(excluded.login, login), email = coalesce(excluded.email, email)",
    [BOOK_PUT_SUBMISSION] = "INSERT INTO submission (student, hash) SELECT id, ?2 FROM student WHERE key = ?1"
                            " ON CONFLICT DO NOTHING",
    [BOOK_ADD_RECEIPT] =
        "INSERT INTO receipt (run, student, submission, state, remark, source, handed_in, late)"
        " SELECT ?3, id, (SELECT s.id FROM submission AS s WHERE s.student = student.id AND s.hash = ?2),"
        " ?4, ?5, ?6, nullif(?7, 0), ?8 FROM student WHERE key = ?1",
    [BOOK_HAS_GRADE] = "SELECT 1 FROM student JOIN submission ON submission.student = student.id AND submission.hash = ?2"
                       " JOIN grading ON grading.submission = submission.id AND grading.complete AND grading.run >= ?3"
                       " WHERE student.key = ?1 LIMIT 1",
    [BOOK_ADD_GRADING] =
        "INSERT INTO grading (submission, run, started, seconds, complete, score, max, sandbox, protections, result, trouble)"
        " SELECT receipt.submission, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11"
        " FROM receipt JOIN student ON student.id = receipt.student WHERE student.key = ?1 AND receipt.run = ?2"
        " AND receipt.submission IS NOT NULL",
    [BOOK_CURRENT] =
        "SELECT grading.result, current_grade.outdated, grading.seconds, receipt.handed_in, receipt.late,"
        " NOT EXISTS (SELECT 1 FROM run WHERE id = ?2 AND (version, seed, compiler, seconds, sandbox)"
        "  = (made.version, made.seed, made.compiler, made.seconds, made.sandbox))"
        " FROM current_grade JOIN grading ON grading.id = current_grade.grading JOIN run AS made ON made.id = grading.run"
        " LEFT JOIN receipt ON receipt.id = (SELECT max(r.id) FROM receipt AS r"
        "  WHERE r.student = current_grade.student_id AND r.submission = current_grade.submission)"
        " WHERE current_grade.student = ?1",
    [BOOK_LAST_GRADING] =
        "SELECT grading.complete, grading.result, grading.trouble, grading.run"
        " FROM student JOIN current_receipt AS latest ON latest.student = student.id"
        " JOIN grading ON grading.submission = latest.submission"
        " WHERE student.key = ?1 ORDER BY grading.id DESC LIMIT 1",
};

/** SQLite's results as the kernel would have said them. */
static int error_of(int result)
{
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return -EBUSY;
    case SQLITE_FULL: return -ENOSPC;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT: return -EBADMSG;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN: return -EACCES;
    default: return -EIO;
    }
}

static int fail(struct gradebook *book)
{
    free(book->reason);
    book->reason = xasprintf("%s: %s", book->path, sqlite3_errmsg(book->db));
    return error_of(sqlite3_extended_errcode(book->db));
}

/* --- statements --------------------------------------------------------------------------------------------- */

sqlite3_stmt *book_use(struct gradebook *book, enum book_query query)
{
    sqlite3_stmt **statement = &book->statement[query];
    if (*statement)
        sqlite3_reset(*statement);
    else if (sqlite3_prepare_v3(book->db, query_text[query], -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) != SQLITE_OK)
        fail(book);
    return *statement;
}

int book_step(struct gradebook *book, enum book_query query, const char *types, ...)
{
    sqlite3_stmt *statement = book_use(book, query);
    if (!statement)
        return -EIO;
    va_list args;
    va_start(args, types);
    for (int i = 1; types[i - 1]; i++) {
        switch (types[i - 1]) {
        case 't': sqlite3_bind_text(statement, i, va_arg(args, const char *), -1, SQLITE_STATIC); break;
        case 'i': sqlite3_bind_int64(statement, i, va_arg(args, int64_t)); break;
        case 'd': sqlite3_bind_double(statement, i, va_arg(args, double)); break;
        default: BUG("no type %c", types[i - 1]);
        }
    }
    va_end(args);
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        return 1;
    int error = result == SQLITE_DONE ? 0 : fail(book);
    sqlite3_reset(statement);
    return error;
}

char *book_text(struct gradebook *book, enum book_query query, int column)
{
    const unsigned char *text = sqlite3_column_text(book->statement[query], column);
    return text ? xstrdup((const char *)text) : NULL;
}

int64_t book_number(struct gradebook *book, enum book_query query, int column)
{
    return sqlite3_column_int64(book->statement[query], column);
}

void book_done(struct gradebook *book, enum book_query query)
{
    sqlite3_reset(book->statement[query]);
}

/* --- opening ------------------------------------------------------------------------------------------------ */

static int run_text(struct gradebook *book, const char *text)
{
    return sqlite3_exec(book->db, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(book);
}

/** The first column of the first row, as a number and as a text (caller frees; NULL: it is none). -ENOENT without a row. */
static int ask(struct gradebook *book, const char *query, int64_t *number, char **text)
{
    sqlite3_stmt *statement = NULL;
    *number = 0;
    *text = NULL;
    if (sqlite3_prepare_v2(book->db, query, -1, &statement, NULL) != SQLITE_OK)
        return fail(book);
    int result = sqlite3_step(statement);
    int error = result == SQLITE_ROW ? 0 : result == SQLITE_DONE ? -ENOENT : fail(book);
    if (error == 0) {
        const unsigned char *said = sqlite3_column_text(statement, 0);
        *text = said ? xstrdup((const char *)said) : NULL;
        *number = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return error;
}

static int ask_number(struct gradebook *book, const char *query, int64_t *number)
{
    char *text;
    int error = ask(book, query, number, &text);
    free(text);
    return error;
}

static int make_schema(struct gradebook *book, const char *lab)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < sizeof(schema) / sizeof(schema[0]); i++)
        error = run_text(book, schema[i]);
    char *rest = sqlite3_mprintf("INSERT INTO book VALUES (%Q); PRAGMA application_id = %d; PRAGMA user_version = %d", lab,
                                 APPLICATION, VERSION);
    if (error == 0)
        error = run_text(book, rest);
    sqlite3_free(rest);
    return error;
}

/** It is not what it should be: keeps the sentence, which it takes over. */
static int refuse(struct gradebook *book, int error, char *reason)
{
    free(book->reason);
    book->reason = reason;
    return error;
}

/** Is it a book of ours, of this version and this lab? -errno with the reason. */
static int judge_file(struct gradebook *book, const char *lab)
{
    int64_t application, version, ignored;
    char *of = NULL;
    int error = ask_number(book, "PRAGMA application_id", &application);
    if (error == 0)
        error = ask_number(book, "PRAGMA user_version", &version);
    if (error < 0)
        return error;
    if (application != APPLICATION)
        return refuse(book, -EBADMSG, xasprintf(_("%s is no gradebook of socklab's."), book->path));
    if (version != VERSION)
        return refuse(book, -EBADMSG, xasprintf(_("%s is a gradebook of version %lld; this socklab knows version %d."), book->path,
                                                (long long)version, VERSION));
    error = ask(book, "SELECT lab FROM book", &ignored, &of);
    if (error == 0 && (!of || strcmp(of, lab) != 0))
        error = refuse(book, -EXDEV, xasprintf(_("%s is the gradebook of lab %s: each lab wants a folder of its own."), book->path,
                                               of ? of : "?"));
    free(of);
    return error;
}

/** A new file gets its tables in one transaction: killed in between, it is as empty as before. */
static int prepare(struct gradebook *book, const char *lab, enum gradebook_mode mode)
{
    sqlite3_busy_timeout(book->db, PATIENCE_MS);
    sqlite3_extended_result_codes(book->db, 1);
    sqlite3_db_config(book->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    int error = run_text(book, "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON");
    if (error < 0)
        return error;
    if (mode == GRADEBOOK_LOOK) {
        error = judge_file(book, lab);
        return error < 0 ? error : run_text(book, "PRAGMA query_only = ON");
    }
    int64_t tables = 0;
    error = run_text(book, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
    if (error == 0)
        error = ask_number(book, "SELECT count(*) FROM sqlite_schema", &tables);
    if (error == 0)
        error = tables == 0 ? make_schema(book, lab) : judge_file(book, lab);
    if (error < 0)
        sqlite3_exec(book->db, "ROLLBACK", NULL, NULL, NULL);
    else
        error = run_text(book, "COMMIT");
    return error;
}

int gradebook_open(const char *path, const char *lab, enum gradebook_mode mode, struct gradebook **out, char **message)
{
    struct gradebook *book = xcalloc(1, sizeof(*book));
    book->path = xstrdup(path);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | (mode == GRADEBOOK_WRITE ? SQLITE_OPEN_CREATE : 0);
    int error = sqlite3_open_v2(path, &book->db, flags, NULL) == SQLITE_OK ? 0 : fail(book);
    if (error == 0)
        error = prepare(book, lab, mode);
    if (error < 0) {
        *message = xstrdup(gradebook_reason(book));
        gradebook_close(book);
        return error;
    }
    *out = book;
    return 0;
}

void gradebook_close(struct gradebook *book)
{
    if (!book)
        return;
    for (size_t i = 0; i < BOOK_QUERIES; i++)
        sqlite3_finalize(book->statement[i]);
    sqlite3_close(book->db);
    free(book->path);
    free(book->reason);
    free(book);
}

const char *gradebook_reason(const struct gradebook *book)
{
    return book->reason ? book->reason : "";
}
