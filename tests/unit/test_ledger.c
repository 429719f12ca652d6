/**
 * @file
 * Who has heard what: each line whole, once, in its sender's order, and nobody's own.
 */
#include "check/crowd.h"
#include "unit.h"

#include <string.h>

static enum ledger_word hear(struct ledger *l, unsigned listener, const char *line, size_t size)
{
    unsigned speaker;
    return ledger_hear(l, listener, line, size, &speaker);
}

static void test_all_hear_all(void)
{
    struct ledger l;
    char line[LEDGER_LINE_MAX];
    unsigned a, b;
    ledger_open(&l, 4);
    CU_ASSERT_FALSE(ledger_missing(&l, &a, &b));
    for (unsigned speaker = 0; speaker < 4; speaker++)
        for (int i = 0; i < 50; i++) {
            size_t size = ledger_say(&l, speaker, line);
            CU_ASSERT_TRUE(size <= sizeof line);
            CU_ASSERT_PTR_EQUAL(memchr(line, '\n', size), line + size - 1);
            CU_ASSERT_EQUAL(l.owed, 3);
            for (unsigned listener = 0; listener < 4; listener++)
                CU_ASSERT_EQUAL(hear(&l, listener, line, size), listener == speaker ? LEDGER_OWN : LEDGER_RIGHT);
            CU_ASSERT_EQUAL(l.owed, 0);
        }
    ledger_close(&l);
}

static void test_order(void)
{
    struct ledger l;
    char line[2][LEDGER_LINE_MAX];
    size_t size[2];
    unsigned a = 9, b = 9, speaker = 9;
    ledger_open(&l, 3);
    for (int i = 0; i < 2; i++)
        size[i] = ledger_say(&l, 2, line[i]);
    CU_ASSERT_EQUAL(l.owed, 4);
    CU_ASSERT_EQUAL(hear(&l, 0, line[1], size[1]), LEDGER_EARLY);
    CU_ASSERT_EQUAL(ledger_hear(&l, 0, line[0], size[0], &speaker), LEDGER_RIGHT);
    CU_ASSERT_EQUAL(speaker, 2);
    CU_ASSERT_EQUAL(hear(&l, 0, line[0], size[0]), LEDGER_TWICE);
    CU_ASSERT_EQUAL(hear(&l, 0, line[1], size[1]), LEDGER_RIGHT);
    CU_ASSERT_TRUE(ledger_missing(&l, &a, &b));
    CU_ASSERT_EQUAL(a, 1);
    CU_ASSERT_EQUAL(b, 2);
    ledger_close(&l);
}

static void test_nobodys(void)
{
    struct ledger l;
    char line[LEDGER_LINE_MAX], mixed[2 * LEDGER_LINE_MAX];
    ledger_open(&l, 3);
    size_t size = ledger_say(&l, 1, line);
    CU_ASSERT_EQUAL(hear(&l, 0, line, size - 1), LEDGER_NOBODYS);
    CU_ASSERT_EQUAL(hear(&l, 0, line + 1, size - 1), LEDGER_NOBODYS);
    memcpy(mixed, line, 3);
    memcpy(mixed + 3, line, size);
    CU_ASSERT_EQUAL(hear(&l, 0, mixed, size + 3), LEDGER_NOBODYS);
    static const char *const strange[] = {"\n", "2/2 \n", "0/1 \n", "4/1 \n", "2/1\n", "-1/1 \n", "99999/99999 \n", "2/0 \n", "\0\n"};
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++)
        CU_ASSERT_EQUAL(hear(&l, 0, strange[i], strlen(strange[i])), LEDGER_NOBODYS);
    CU_ASSERT_EQUAL(hear(&l, 0, "", 0), LEDGER_NOBODYS);
    CU_ASSERT_EQUAL(l.owed, 2);
    CU_ASSERT_EQUAL(hear(&l, 0, line, size), LEDGER_RIGHT);
    ledger_close(&l);
}

void suite_ledger(void)
{
    unit_test("everybody hears what the others say", test_all_hear_all);
    unit_test("twice, too early, not at all", test_order);
    unit_test("lines that nobody has said", test_nobodys);
}
