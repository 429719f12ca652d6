/**
 * @file say.h
 * What the command says to the person at the terminal, on standard output. Inside class/ only.
 */
#ifndef SOCKLAB_CLASS_SAY_H
#define SOCKLAB_CLASS_SAY_H

#include "class/outcome.h"

/** What came: how many students, from what, and what belongs to nobody. */
void say_received(const struct class_work *work);
/** --dry-run: for each student what would be done, and what everything would be written to. */
void say_plan(const struct class_work *work, const bool *todo);
/** At the end: how many are graded, who is left for a person and why, and where everything is. */
void say_end(const struct class_work *work, const struct outcome *outcome);

#endif
