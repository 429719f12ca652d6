/**
 * @file
 * Which of two grades of one hand-in shows more of what is wrong.
 */
#include "command/runs.h"
#include "unit.h"

static void test_order(void)
{
    const struct grade full = {.score = 100, .max = 100, .complete = true}, less = {.score = 90, .max = 100, .complete = true},
                       least = {.score = 10, .max = 100, .complete = true}, trouble = {.score = 0, .max = 100};
    const struct grade *const order[] = {&full, &trouble, &less, &least};

    for (int a = 0; a < 4; a++)
        for (int b = 0; b < 4; b++)
            CU_ASSERT_EQUAL(runs_is_worse(order[a], order[b]), a > b);
}

void suite_runs(void)
{
    unit_test("points missing, then trouble, then full marks", test_order);
}
