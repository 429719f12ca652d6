/**
 * @file markup.h
 * HTML in which a stranger's text stays text. Every page of the grader is made of it.
 *
 * A page is one file: its style and script are in it, and its own policy (CSP) lets a browser load nothing else and run nothing else.
 */
#ifndef SOCKLAB_REPORT_MARKUP_H
#define SOCKLAB_REPORT_MARKUP_H

#include "core/core.h"

/**
 * Appends text for an element or a quoted attribute: first made plain (buf_plain()), then `< > & " '` as entities. NULL
 * is empty.
 */
void markup_text(struct buf *out, const char *text);
/** @p text inside an element without attributes but a class; class NULL: none. */
void markup_element(struct buf *out, const char *element, const char *class, const char *text);
/** ` name="value"`. */
void markup_attribute(struct buf *out, const char *name, const char *value);
/** Appends letters, digits and hyphens of @p text only: for an id or a fragment. */
void markup_id(struct buf *out, const char *text);
/** A link; its address may hold anything: what is not a relative path or a fragment is not linked. */
void markup_link(struct buf *out, const char *address, const char *text);

/** What a page needs. */
enum markup_script { MARKUP_STILL, MARKUP_TABLE /**< the script that sorts and filters a table */ };
/** From `<!doctype html>` to `<main>`. */
void markup_begin(struct buf *out, const char *title, enum markup_script script);
/** From `</main>` on. */
void markup_end(struct buf *out, enum markup_script script);

#endif
