/**
 * @file fuzz_handin.c
 * class/canvas_name.c, moodle_name.c, piece.c, choose.c, near.c, conclude.c: names and paths of a class's hand-ins, and what is chosen among
 * them. The input is up to 32 paths, each with a byte for its kind and a little text. (Archives themselves are libarchive's, which reads them in a process of
 * its own: tests/class-in.sh.)
 */
#include "class/piece.h"
#include "fuzz.h"
#include "labs/labs.h"

#include <stdlib.h>
#include <string.h>

static void try_names(const struct lab *lab, const char *path)
{
    struct ident who;
    char *plain;
    if (canvas_name(lab, path, &who)) {
        MUST(who.rest && *who.rest && (who.id || who.name));
        MUST(strlen(who.rest) <= strlen(path) && strcmp(path + strlen(path) - strlen(who.rest), who.rest) == 0);
        ident_free(&who);
    }
    if (moodle_name(path, &who)) {
        MUST(who.name && *who.name && who.rest);
        ident_free(&who);
    }
    unsigned number = canvas_number(path, &plain);
    MUST((number > 0) == (plain != NULL));
    MUST(!plain || strlen(plain) < strlen(path));
    free(plain);
    char *key = submission_key(path);
    MUST(*key && strlen(key) <= 200 && !strchr(key, '/') && key[0] != '.');
    must_be_shown(key, 200);
    free(key);
}

static void must_be_chosen(const struct submission *s)
{
    MUST(s->state < SUBMISSION_STATES && submission_state_word(s->state));
    MUST(submission_is_gradable(s) || s->files == 0);
    MUST(!submission_is_gradable(s) || s->files > 0);
    MUST(s->files == 0 ? s->hash[0] == '\0' : strlen(s->hash) == 64);
    MUST(s->state == SUBMISSION_HANDED_IN || s->remark);
    for (size_t i = 1; i < s->files; i++)
        MUST(strcmp(s->file[i - 1].name, s->file[i].name) < 0);
    if (s->remark)
        must_be_shown(s->remark, 1 << 20);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_input in = {bytes, size};
    struct pieces p = {.count = 0};
    struct submission s = {.files = 0};
    size_t labs = 0;
    while (labs_all[labs])
        labs++;
    const struct lab *lab = labs_all[input_byte(&in) % labs];
    for (int i = 0; i < 32 && in.left > 0; i++) {
        uint8_t kind = input_byte(&in);
        struct piece piece = {.path = input_string(&in, 255), .kind = kind % 8 ? PIECE_FILE : 1 + kind / 8 % 2};
        try_names(lab, piece.path);
        piece.state = piece.kind != PIECE_FILE || path_worth(lab, piece.path) == 0 ? PIECE_NAMED : kind % 7 ? PIECE_KEPT : PIECE_LARGE;
        /* An archive would be read by libarchive, in a process for each. */
        if (path_is_archive(piece.path))
            piece.state = PIECE_LARGE;
        if (piece.state == PIECE_KEPT)
            buf_printf(&piece.bytes, "%d", kind % 5);
        if (*piece.path && !path_is_clutter(piece.path))
            pieces_add(&p, piece);
        else
            free(piece.path), buf_free(&piece.bytes);
    }
    MUST(choose_files(lab, &p, &s) == 0);
    must_be_chosen(&s);
    pieces_free(&p);
    submission_free(&s);
    return 0;
}
