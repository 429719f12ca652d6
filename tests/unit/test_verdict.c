/**
 * @file
 * Findings and grades; a result's way up the pipe, and everything that could arrive instead.
 */
#include "core/verdict.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fill_ladder(struct ladder *l)
{
    l->lane[0] = xstrdup("client 1");
    l->lane[1] = xstrdup("echo_server");
    l->student[1] = l->stuck = true;
    struct ladder_row *sends = ladder_add(l);
    sends->kind = LADDER_ACT;
    sends->text = xstrdup("client 1 sends 5 bytes");
    sends->travel = TRAVEL_BYTES;
    sends->load = xstrdup("5 bytes");
    sends->to = 2;
    struct ladder_row *enters = ladder_add(l);
    enters->lane = 1;
    enters->text = xstrdup("read(4, ...)");
    struct ladder_row *reads = ladder_add(l);
    *reads = (struct ladder_row){.lane = 1, .since = 1, .to = LADDER_NOWHERE, .injected = true, .waits = true, .kept = true, .line = 41};
    reads->who = xstrdup("child 1");
    reads->text = xstrdup("read(4, \"hello\", 64) = 5");
    reads->file = xstrdup("echo_server.c");
    reads->source = xstrdup("n = read(conn, buf, sizeof buf);");
}

static void fill(struct check_result *r)
{
    struct finding *f = &r->finding;

    r->status = CHECK_FAIL;
    r->duration = 1234567890123;
    f->verdict = VERDICT_STUCK;
    f->message = xstrdup("Everybody waits.");
    f->expected = xstrdup("");
    finding_place(f, "echo_server.c", 41, "read(4, ...)");
    finding_source(f, "n = read(conn, buf, sizeof buf);");
    finding_place(f, NULL, 0, NULL);
    finding_step(f, "client %d connects", 1);
    finding_step(f, "server is blocked in %s", "read(4)");
    finding_output(f, "a tool's line");
    fill_ladder(&f->ladder);
}

/* What verdict_send writes, as one buffer. */
static struct buf sent(const struct check_result *r)
{
    struct buf b = {0};
    int ends[2];

    CU_ASSERT_EQUAL_FATAL(pipe_make(ends), 0);
    CU_ASSERT_EQUAL(verdict_send(ends[1], r), 0);
    fd_close(&ends[1]);
    CU_ASSERT_EQUAL(fd_read_all(ends[0], &b), 0);
    fd_close(&ends[0]);
    return b;
}

static struct buf sample(void)
{
    struct check_result r = {0};

    fill(&r);
    struct buf message = sent(&r);
    finding_free(&r.finding);
    return message;
}

static void expect_ladder(const struct ladder *l)
{
    CU_ASSERT_STRING_EQUAL(l->lane[0], "client 1");
    CU_ASSERT_STRING_EQUAL(l->lane[1], "echo_server");
    CU_ASSERT_TRUE(!l->student[0] && l->student[1] && l->stuck);
    CU_ASSERT_EQUAL_FATAL(l->rows, 3);
    CU_ASSERT_EQUAL(l->row[0].kind, LADDER_ACT);
    CU_ASSERT_EQUAL(l->row[0].travel, TRAVEL_BYTES);
    CU_ASSERT_STRING_EQUAL(l->row[0].load, "5 bytes");
    CU_ASSERT_EQUAL(l->row[0].to, 2);
    CU_ASSERT_EQUAL(l->row[0].since, LADDER_NOWHERE);
    CU_ASSERT_PTR_NULL(l->row[0].file);
    CU_ASSERT_EQUAL(l->row[2].lane, 1);
    CU_ASSERT_EQUAL(l->row[2].since, 1);
    CU_ASSERT_EQUAL(l->row[2].line, 41);
    CU_ASSERT_TRUE(l->row[2].injected && l->row[2].waits && l->row[2].kept);
    CU_ASSERT_STRING_EQUAL(l->row[2].who, "child 1");
    CU_ASSERT_STRING_EQUAL(l->row[2].source, "n = read(conn, buf, sizeof buf);");
}

static void test_round_trip(void)
{
    struct check_result r = {.id = "greets", .points = 3, .max = 10};
    struct buf message = sample();

    r.finding.message = xstrdup("an older one");
    CU_ASSERT_EQUAL_FATAL(verdict_receive(message.data, message.length, &r), 0);
    CU_ASSERT_EQUAL(r.status, CHECK_FAIL);
    CU_ASSERT_EQUAL(r.duration, 1234567890123);
    CU_ASSERT_EQUAL(r.finding.verdict, VERDICT_STUCK);
    CU_ASSERT_STRING_EQUAL(r.finding.message, "Everybody waits.");
    CU_ASSERT_STRING_EQUAL(r.finding.expected, "");
    CU_ASSERT_PTR_NULL(r.finding.actual);
    CU_ASSERT_EQUAL_FATAL(r.finding.places, 2);
    CU_ASSERT_STRING_EQUAL(r.finding.place[0].file, "echo_server.c");
    CU_ASSERT_EQUAL(r.finding.place[0].line, 41);
    CU_ASSERT_STRING_EQUAL(r.finding.place[0].call, "read(4, ...)");
    CU_ASSERT_STRING_EQUAL(r.finding.place[0].source, "n = read(conn, buf, sizeof buf);");
    CU_ASSERT_PTR_NULL(r.finding.place[1].file);
    CU_ASSERT_EQUAL_FATAL(r.finding.steps, 2);
    CU_ASSERT_STRING_EQUAL(r.finding.step[1], "server is blocked in read(4)");
    CU_ASSERT_EQUAL_FATAL(r.finding.outputs, 1);
    CU_ASSERT_STRING_EQUAL(r.finding.output[0], "a tool's line");
    CU_ASSERT_STRING_EQUAL(r.id, "greets");
    CU_ASSERT_EQUAL(r.points, 3);
    CU_ASSERT_EQUAL(r.max, 10);
    expect_ladder(&r.finding.ladder);
    finding_free(&r.finding);
    buf_free(&message);
}

static void test_pass(void)
{
    struct check_result r = {.status = CHECK_PASS, .duration = 5};
    struct check_result back = {.status = CHECK_ERROR, .finding.verdict = VERDICT_TROUBLE};
    struct buf message = sent(&r);

    CU_ASSERT_EQUAL(verdict_receive(message.data, message.length, &back), 0);
    CU_ASSERT_EQUAL(back.status, CHECK_PASS);
    CU_ASSERT_EQUAL(back.finding.verdict, VERDICT_PASS);
    CU_ASSERT_EQUAL(back.finding.steps + back.finding.outputs + back.finding.places, 0);
    buf_free(&message);
}

/* A refused message leaves the result as it was. */
static bool is_refused(const void *bytes, size_t size)
{
    struct check_result r = {.status = CHECK_ERROR, .duration = 77};

    r.finding.verdict = VERDICT_TROUBLE;
    bool refused = verdict_receive(bytes, size, &r) == -EBADMSG && r.status == CHECK_ERROR &&
                   r.duration == 77 && r.finding.verdict == VERDICT_TROUBLE && !r.finding.message;
    finding_free(&r.finding);
    return refused;
}

static void test_truncated(void)
{
    struct buf message = sample();
    size_t taken = 0;

    for (size_t size = 0; size < message.length; size++) {
        /* Exactly as much memory, so that AddressSanitizer sees a byte read too far. */
        char *copy = xmalloc(size);
        memcpy(copy, message.data, size);
        taken += !is_refused(copy, size);
        free(copy);
    }
    CU_ASSERT_EQUAL(taken, 0);
    CU_ASSERT_TRUE(is_refused(NULL, 0));
    buf_free(&message);
}

static void test_more_than_one(void)
{
    struct buf message = sample();
    size_t size = message.length;

    buf_add(&message, "", 1);
    CU_ASSERT_TRUE(is_refused(message.data, message.length));
    char *twice = xmalloc(2 * size);
    memcpy(twice, message.data, size);
    memcpy(twice + size, message.data, size);
    CU_ASSERT_TRUE(is_refused(twice, 2 * size));
    free(twice);
    buf_free(&message);
}

static void test_flipped_bits(void)
{
    struct buf message = sample();
    size_t taken = 0;

    for (size_t bit = 0; bit < message.length * 8; bit++) {
        message.data[bit / 8] ^= (char)(1 << bit % 8);
        taken += !is_refused(message.data, message.length);
        message.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    CU_ASSERT_EQUAL(taken, 0);
    CU_ASSERT_FALSE(is_refused(message.data, message.length));
    buf_free(&message);
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Writes the header's size and checksum anew, so that the body itself is judged. */
static void seal(char *message, size_t size)
{
    uint64_t sum = 0xcbf29ce484222325;
    uint32_t whole = (uint32_t)size;

    for (size_t i = 16; i < size; i++)
        sum = (sum ^ (unsigned char)message[i]) * 0x100000001b3;
    memcpy(message + 4, &whole, sizeof whole);
    memcpy(message + 8, &sum, sizeof sum);
}

/* Random bodies under a right header: refused or understood, never a wrong step in memory. */
static void test_random(void)
{
    struct buf message = sample();
    uint32_t state = 7;
    size_t understood = 0, wrong = 0;

    for (int round = 0; round < 20000; round++) {
        size_t size = 16 + next_random(&state) % (message.length - 15);
        char *bytes = xmalloc(size);
        memcpy(bytes, message.data, size);
        /* One round in two: the true message with a few bytes changed; else noise. */
        size_t changes = round % 2 ? 1 + next_random(&state) % 4 : size;
        for (size_t i = 0; i < changes && size > 16; i++)
            bytes[16 + next_random(&state) % (size - 16)] = (char)next_random(&state);
        seal(bytes, size);
        struct check_result r = {0};
        int result = verdict_receive(bytes, size, &r);
        understood += result == 0;
        wrong += result != 0 && result != -EBADMSG;
        wrong += result == 0 && (r.status == CHECK_PASS) != (r.finding.verdict == VERDICT_PASS);
        finding_free(&r.finding);
        free(bytes);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_TRUE(understood > 0); /* else only the header would have been tried */
    buf_free(&message);
}

static void change_word(struct buf *message, size_t offset, uint32_t value)
{
    memcpy(message->data + offset, &value, sizeof value);
    seal(message->data, message->length);
}

/* A checker that was brought to write nonsense: well sealed, and still no pass. */
static void test_contradictions(void)
{
    struct buf message = sample();

    change_word(&message, 16, CHECK_PASS); /* passed, but stuck */
    CU_ASSERT_TRUE(is_refused(message.data, message.length));
    change_word(&message, 16, CHECK_ERROR + 1);
    CU_ASSERT_TRUE(is_refused(message.data, message.length));
    change_word(&message, 16, CHECK_FAIL);
    CU_ASSERT_FALSE(is_refused(message.data, message.length));
    change_word(&message, 20, VERDICT_PASS); /* failed, but nothing was wrong */
    CU_ASSERT_TRUE(is_refused(message.data, message.length));
    change_word(&message, 20, VERDICT_COUNT);
    CU_ASSERT_TRUE(is_refused(message.data, message.length));
    change_word(&message, 20, VERDICT_STUCK);
    change_word(&message, 28, 0x80000000); /* a negative duration */
    CU_ASSERT_TRUE(is_refused(message.data, message.length));
    change_word(&message, 28, 0);
    message.data[36] = '\0'; /* the message's first letter */
    seal(message.data, message.length);
    CU_ASSERT_TRUE(is_refused(message.data, message.length));
    change_word(&message, 32, 0x7fffffff); /* a string far longer than what there is */
    CU_ASSERT_TRUE(is_refused(message.data, message.length));
    buf_free(&message);
}

static void test_places_are_bounded(void)
{
    struct finding f = {0};

    for (int i = 0; i < FINDING_PLACES + 5; i++)
        finding_place(&f, "a.c", i + 1, "call");
    CU_ASSERT_EQUAL(f.places, FINDING_PLACES);
    CU_ASSERT_EQUAL(f.place[FINDING_PLACES - 1].line, FINDING_PLACES);
    finding_free(&f);
    CU_ASSERT_EQUAL(f.places, 0);
    finding_free(&f); /* nothing is freed twice */
}

static void test_sum(void)
{
    struct grade g = {.checks = 3};

    g.check = xcalloc(3, sizeof *g.check);
    g.check[0] = (struct check_result){.status = CHECK_PASS, .points = 60, .max = 60};
    g.check[1] = (struct check_result){.status = CHECK_FAIL, .points = 0, .max = 25};
    g.check[2] = (struct check_result){.status = CHECK_SKIP, .points = 0, .max = 15};
    grade_sum(&g);
    CU_ASSERT_EQUAL(g.score, 60);
    CU_ASSERT_EQUAL(g.max, 100);
    CU_ASSERT_TRUE(g.complete);
    g.check[2].status = CHECK_ERROR;
    grade_sum(&g);
    CU_ASSERT_EQUAL(g.score, 60);
    CU_ASSERT_FALSE(g.complete);
    grade_free(&g);
    CU_ASSERT_PTR_NULL(g.check);
}

static void test_words(void)
{
    CU_ASSERT_STRING_EQUAL(verdict_word(VERDICT_NEVER_LISTENED), "never-listened");
    CU_ASSERT_STRING_EQUAL(verdict_word(VERDICT_TROUBLE), "trouble");
    CU_ASSERT_STRING_EQUAL(check_status_word(CHECK_ERROR), "error");
    for (int i = 0; i < VERDICT_COUNT; i++) {
        CU_ASSERT_PTR_NOT_NULL_FATAL(verdict_word(i));
        for (int k = 0; k < i; k++)
            CU_ASSERT_STRING_NOT_EQUAL(verdict_word(i), verdict_word(k));
    }
}

void suite_verdict(void)
{
    unit_test("a result comes back as it was sent", test_round_trip);
    unit_test("a pass comes back as a pass", test_pass);
    unit_test("every shorter message is refused", test_truncated);
    unit_test("more than one message is refused", test_more_than_one);
    unit_test("every flipped bit is refused", test_flipped_bits);
    unit_test("random bodies do no harm", test_random);
    unit_test("a message that contradicts itself is refused", test_contradictions);
    unit_test("a finding's places are bounded", test_places_are_bounded);
    unit_test("points are summed, trouble makes incomplete", test_sum);
    unit_test("every verdict has a word of its own", test_words);
}
