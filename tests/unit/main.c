/**
 * @file
 * Runs the unit tests: build/unit [-l] [SUITE...]
 *
 * Prints one TAP line a test, below a failed one its assertions, and at last `N passed, N failed`. Status 0 if all
 * passed, 1 if one failed or none ran, 2 for wrong usage. -l lists the suites.
 */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct unit_suite *registering; /* the suite whose tests are being added */
static CU_pSuite registering_to;             /* its CUnit suite, once it has a test */
static const char *skipped;                  /* why the running test left itself out */
static unsigned int number, passed, failed;

static void quit(const char *what)
{
    fprintf(stderr, "unit: %s: %s: %s\n", registering ? registering->name : "start", what,
            CU_get_error_msg());
    exit(1);
}

void unit_test(const char *title, void (*test)(void))
{
    if (!registering_to)
        registering_to = CU_add_suite(registering->name, NULL, NULL);
    if (!registering_to)
        quit("no suite");
    if (!CU_add_test(registering_to, title, test))
        quit(title);
}

void unit_skip(const char *why)
{
    skipped = why;
}

void unit_denied(const char *why)
{
    const char *allowed = getenv("SOCKLAB_TEST_WITHOUT_SANDBOX");

    if (allowed && strcmp(allowed, "yes") == 0)
        unit_skip(why);
    else
        CU_assertImplementation(CU_FALSE, __LINE__, why, __FILE__, "", CU_FALSE);
}

static void show_failures(const struct CU_FailureRecord *failure, CU_pTest test)
{
    for (; failure; failure = failure->pNext) {
        if (failure->pTest == test)
            printf("#   %s:%u: %s\n", failure->strFileName ? failure->strFileName : "?",
                   failure->uiLineNumber, failure->strCondition ? failure->strCondition : "");
    }
}

static void start_test(const CU_pTest test, const CU_pSuite suite)
{
    (void)test;
    (void)suite;
    skipped = NULL;
}

static void end_test(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failures)
{
    number++;
    if (failures) {
        failed++;
        printf("not ok %u - %s: %s\n", number, suite->pName, test->pName);
        show_failures(failures, test);
    } else if (skipped) {
        printf("ok %u - %s: %s # skip %s\n", number, suite->pName, test->pName, skipped);
    } else {
        passed++;
        printf("ok %u - %s: %s\n", number, suite->pName, test->pName);
    }
    /* A later test may crash the program: what passed until then has been said. */
    fflush(stdout);
}

static void suite_unready(const CU_pSuite suite)
{
    failed++;
    printf("not ok %u - %s: the suite's initialisation failed\n", ++number, suite->pName);
}

static void suite_uncleaned(const CU_pSuite suite)
{
    failed++;
    printf("not ok %u - %s: the suite's cleanup failed\n", ++number, suite->pName);
}

static const struct unit_suite *find_suite(const char *name)
{
    for (const struct unit_suite *suite = unit_suites; suite->name; suite++) {
        if (strcmp(suite->name, name) == 0)
            return suite;
    }
    return NULL;
}

/* A suite without a test would be a file that proves nothing. */
static void add_suite(const struct unit_suite *suite)
{
    unsigned int before = CU_get_registry()->uiNumberOfTests;

    registering = suite;
    registering_to = NULL;
    suite->add_tests();
    if (CU_get_registry()->uiNumberOfTests == before) {
        failed++;
        printf("not ok %u - %s: the suite adds no test\n", ++number, suite->name);
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "-l") == 0) {
        for (const struct unit_suite *suite = unit_suites; suite->name; suite++)
            puts(suite->name);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--first") == 0)
        return core_die_below_first();
    for (int i = 1; i < argc; i++) {
        if (!find_suite(argv[i])) {
            fprintf(stderr, "unit: no suite is called %s; usage: unit [-l] [SUITE...]\n", argv[i]);
            return 2;
        }
    }

    if (CU_initialize_registry() != CUE_SUCCESS)
        quit("no registry");
    for (const struct unit_suite *suite = unit_suites; argc == 1 && suite->name; suite++)
        add_suite(suite);
    for (int i = 1; i < argc; i++)
        add_suite(find_suite(argv[i]));

    CU_set_test_start_handler(start_test);
    CU_set_test_complete_handler(end_test);
    CU_set_suite_init_failure_handler(suite_unready);
    CU_set_suite_cleanup_failure_handler(suite_uncleaned);
    CU_run_all_tests();
    CU_cleanup_registry();

    printf("%u passed, %u failed\n", passed, failed);
    return failed || !passed;
}
