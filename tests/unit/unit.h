/**
 * @file
 * The unit tests' one program, build/unit.
 *
 * Each tests/unit/test_NAME.c holds one `void suite_NAME(void)`, which adds its tests with unit_test()
 * (they land in a CUnit suite called NAME) or with CUnit's own CU_add_suite() and CU_add_test(). The table of suites
 * is generated from the names of the files (tools/suites.sh): nothing else needs an edit.
 *
 *     static void test_grows(void) { ... CU_ASSERT_EQUAL(length, 3); ... }
 *
 *     void suite_buffer(void)
 *     {
 *         unit_test("a buffer grows", test_grows);
 *     }
 *
 * SOCKLAB_ROOT is the absolute path of the repository, SOCKLAB_BUILD that of the build folder
 * (tracees are SOCKLAB_BUILD "/tracees/NAME", reference programs SOCKLAB_BUILD "/reference/NN-name/NAME").
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <CUnit/CUnit.h>

/** One entry of the generated table; the table ends with a null name. */
struct unit_suite {
    const char *name;
    void (*add_tests)(void);
};

extern const struct unit_suite unit_suites[];

/** What `unit --first` does, for a test of test_core.c that needs a program as process 1. */
int core_die_below_first(void);

/** Adds a test to the suite being registered. Ends the program when CUnit cannot take it. */
void unit_test(const char *title, void (*test)(void));

/**
 * Leaves the running test out, because this machine lacks what it needs ("no clang", "no user namespaces"):
 * says so in its line. Return from the test after it. A skipped test counts neither as passed nor as failed.
 */
void unit_skip(const char *why);
/** The same for namespaces and what needs them: a failure, unless SOCKLAB_TEST_WITHOUT_SANDBOX=yes says that it is none. */
void unit_denied(const char *why);

#endif
