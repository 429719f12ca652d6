/**
 * @file class_part.h
 * The parts of a class's page, to each other. Inside grader/report only.
 */
#ifndef SOCKLAB_REPORT_CLASS_PART_H
#define SOCKLAB_REPORT_CLASS_PART_H

#include "report/class_page.h"

/** "85.5" for 8550, without needless zeros; "-" below 0. */
void class_put_points(struct buf *out, int64_t hundredths);
/** What the page calls a student: the name, or the key. */
const char *class_name(const struct class_student *student);
/** What came of a hand-in, as a word. Translated. */
const char *class_state_name(enum class_state state);

/** class_chart.c: how many students have how much of the marks, drawn; nothing without a mark. */
void class_put_chart(struct buf *out, const struct class_summary *s);
/** class_table.c */
void class_put_checks(struct buf *out, const struct class_summary *s);
void class_put_remarkable(struct buf *out, const struct class_summary *s);
void class_put_students(struct buf *out, const struct class_summary *s);
void class_put_pairs(struct buf *out, const struct class_summary *s);

#endif
