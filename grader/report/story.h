/**
 * @file story.h
 * What every report for people says in the same words. Inside grader/report only.
 */
#ifndef SOCKLAB_REPORT_STORY_H
#define SOCKLAB_REPORT_STORY_H

#include "report/report.h"

/** A check that has more to say than its line: one that was not passed, or one with something to know that costs nothing. */
bool story_told(const struct check_result *r);
/** Beside a failed check's name: how it failed, where the message alone might leave doubts; NULL: it does not. Translated. */
const char *story_kind(enum verdict v);
/** An earlier check that has told the same story, so that it is not told twice; or NULL. */
const struct check_result *story_same(const struct grade *g, size_t index);
/** Why check @p index and all others with the same reason were not run; NULL if an earlier one has said so, or it was run. Caller frees. */
char *story_skipped(const struct grade *g, size_t index);
/** What it means that the grader could not finish. Caller frees. */
char *story_incomplete(const struct grade *g);
/** What the list of missing protections is headed by; NULL: nothing is missing. Caller frees. */
char *story_sandbox(const struct grade *g);
/** "17 passed, 1 failed; seed 1, 0.31 s". Caller frees. */
char *story_counts(const struct grade *g);
/** "handouts/04-accept.md#lab04-greets" for "04-accept#lab04-greets". Caller frees. */
char *story_handout(const char *handout);
/** How many checks were left out until the due date, as a sentence. Caller frees. */
char *story_hidden(size_t hidden);

#endif
