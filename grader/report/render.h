/**
 * @file render.h
 * The formats, to each other. Inside grader/report only.
 */
#ifndef SOCKLAB_REPORT_RENDER_H
#define SOCKLAB_REPORT_RENDER_H

#include "report/report.h"

void render_text(struct buf *out, const struct grade *g, const struct report_style *style);
void render_json(struct buf *out, const struct grade *g, const struct report_style *style);
void render_junit(struct buf *out, const struct grade *g, const struct report_style *style);
void render_html(struct buf *out, const struct grade *g, const struct report_style *style);

/** An array of what render_json() gives for each (json.c). */
void render_all_json(struct buf *out, const struct grade *g, size_t count);

/** Whose report it is, in a text (detail.c); nothing if style->about is NULL. */
void render_about(struct buf *out, const struct report_style *style);

/** One failed check as the text report explains it, without its heading (detail.c). */
void render_detail(struct buf *out, const struct check_result *r, const struct report_style *style);

#endif
