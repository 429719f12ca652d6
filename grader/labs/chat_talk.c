/**
 * @file chat_talk.c
 * What is said in a room: whole lines, to all the others, however they were cut on their way.
 */
#include "labs/chat.h"

#include <string.h>

void chat_run_relays(struct check *c)
{
    static const char *const line[] = {"Good evening!\n", "Is anybody here?\n", "Three of us, as far as I can see.\n"};
    enum { PEOPLE = 3 };
    struct room room = chat_open(c, 0, PEOPLE);
    unsigned first = check_random(c, 0, PEOPLE);
    for (unsigned i = 0; i < PEOPLE; i++) {
        struct peer *speaker = room.person[(first + i) % PEOPLE];
        chat_say(&room, speaker, line[i]);
        chat_expect_nothing(&room, speaker);
    }
    /* Who comes late has missed what was said, and misses nothing from then on. */
    struct peer *late = chat_enter(&room);
    chat_expect_nothing(&room, late);
    chat_say(&room, room.person[first], "Somebody has come in.\n");
    chat_say(&room, late, "That was me.\n");
    chat_expect_silence(&room);
}

/** One sends a line in pieces, with everybody at rest between. */
static void say_slowly(struct room *room, struct peer *speaker, const char *const *piece, size_t pieces)
{
    struct buf line = {0};
    for (size_t i = 0; i < pieces; i++) {
        peer_send(speaker, piece[i], strlen(piece[i]));
        buf_puts(&line, piece[i]);
        if (i + 1 < pieces)
            chat_expect_silence(room);
    }
    chat_expect(room, speaker, buf_text(&line), line.length);
    buf_free(&line);
}

/** More than any buffer for a line holds, in one piece. */
static void say_much(struct room *room, struct peer *speaker)
{
    enum { LINES = 40 };
    struct buf text = {0};
    for (int i = 0; i < LINES; i++)
        buf_printf(&text, "line %d of %d, which came together with all the others\n", i + 1, LINES);
    peer_send(speaker, text.data, text.length);
    chat_expect(room, speaker, text.data, text.length);
    buf_free(&text);
}

void chat_run_pieces(struct check *c)
{
    static const char *const slowly[] = {"a line", " in three", " pieces\n"};
    static const char letters[] = "a line, byte by byte\n";
    struct room room = chat_open(c, 0, 3);
    struct peer *one = room.person[0], *two = room.person[1], *three = room.person[2];
    say_slowly(&room, one, slowly, sizeof(slowly) / sizeof(slowly[0]));
    peer_send_pieces(two, letters, sizeof(letters) - 1, 1);
    chat_expect(&room, two, letters, sizeof(letters) - 1);
    /* Several lines in one piece, an empty one too, and the beginning of the next. */
    static const char several[] = "x\ny\n\nand the beginning", rest[] = " of another\n";
    peer_send(three, several, sizeof(several) - 1);
    chat_expect(&room, three, several, strlen("x\ny\n\n"));
    chat_expect_silence(&room);
    peer_send(three, rest, sizeof(rest) - 1);
    chat_expect(&room, three, "and the beginning of another\n", strlen("and the beginning of another\n"));
    say_much(&room, one);
    /* Two beginnings at the same time. */
    check_scene(c);
    peer_send(one, "half of one's", strlen("half of one's"));
    chat_expect_silence(&room);
    peer_send(two, "half of two's", strlen("half of two's"));
    chat_expect_silence(&room);
    peer_send(one, " line\n", strlen(" line\n"));
    chat_expect(&room, one, "half of one's line\n", strlen("half of one's line\n"));
    peer_send(two, " line\n", strlen(" line\n"));
    chat_expect(&room, two, "half of two's line\n", strlen("half of two's line\n"));
    chat_expect_silence(&room);
}

/* --- the longest line ---------------------------------------------------------------------------------------- */

/** So many bytes without a newline. */
static void send_filler(struct peer *person, size_t size)
{
    char filler[CHAT_LINE + 1];
    memset(filler, 'x', size);
    peer_send(person, filler, size);
}

/** A byte more than the longest line, its newline included, in one piece: however much a read takes, it is too long. */
static void say_too_much(struct peer *person)
{
    char line[CHAT_LINE + 1];
    memset(line, 'x', CHAT_LINE);
    line[CHAT_LINE] = '\n';
    peer_send(person, line, sizeof(line));
}

/** This one is to be disconnected, and the others notice nothing. */
static void expect_thrown_out(struct room *room, struct peer *person)
{
    chat_forget(room, person);
    peer_expect_gone(room->check, person);
    chat_expect_silence(room);
}

void chat_run_long_line(struct check *c)
{
    char longest[CHAT_LINE + 1] = "";
    memset(longest, 'l', CHAT_LINE);
    longest[CHAT_LINE - 1] = '\n';
    struct room room = chat_open(c, 0, 3);
    struct peer *one = room.person[0], *two = room.person[1], *three = room.person[2];
    chat_say(&room, one, longest);
    chat_say(&room, two, longest); /* what a second one leaves in a buffer that is not emptied */
    chat_say(&room, one, "short\n");
    /* All but the newline, which may still come. */
    peer_send(one, longest, CHAT_LINE - 1);
    check_rest(c);
    peer_send(one, "\n", 1);
    chat_expect(&room, one, longest, CHAT_LINE);
    check_scene(c);
    say_too_much(one);
    expect_thrown_out(&room, one);
    chat_say(&room, two, "somebody talked too much\n");
    /* Behind a whole line; at 1024 bytes without a newline the server may wait for one more. */
    check_scene(c);
    peer_send(three, "that is said\n", strlen("that is said\n"));
    send_filler(three, CHAT_LINE);
    chat_expect(&room, three, "that is said\n", strlen("that is said\n"));
    check_rest(c);
    send_filler(three, 1);
    expect_thrown_out(&room, three);
    struct peer *four = chat_enter(&room);
    chat_say(&room, two, "still here\n");
    chat_say(&room, four, "so am I\n");
}
