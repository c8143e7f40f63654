/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/error.h"

/* What every unit test needs: bytes written as hexadecimal, and buffers without a spare byte. */

/* (transfer full): the bytes of @hex, which may have white space; a bad digit fails the test. */
GBytes *bytes_of (const char *hex);

/* Fails the test unless @span has exactly the bytes of @hex. */
void assert_span_is (EaSpan span, const char *hex);

/* Fails the test unless @bytes has exactly the bytes of @hex; %NULL never has. */
void assert_bytes_are (GBytes *bytes, const char *hex);

/* Fails the test unless @error is the core error @code; then frees it and sets it to %NULL. */
void assert_core_error (GError **error, EaCoreError code);

/* Fails the test unless @inner lies within @outer; an empty span lies in any. */
void assert_span_inside (EaSpan inner, EaSpan outer);

/* @size bytes of the one value that no parser writes, to see whether an output was touched. */
void poison (void *memory, gsize size);
gboolean is_poisoned (const void *memory, gsize size);

/**
 * ParseFunc:
 * @span: bytes in a heap buffer of exactly that size: a sanitizer sees one byte read too many
 */
typedef void (*ParseFunc) (EaSpan span, gpointer user_data);

/* Calls @parse once with an exact copy of @span. */
void parse_exact (EaSpan span, ParseFunc parse, gpointer user_data);

/* Calls @parse with each proper prefix of @span, from nothing to all but the last byte. */
void parse_truncations (EaSpan span, ParseFunc parse, gpointer user_data);

/* (transfer full): a directory of the test's own, in memory where the system has that: it is written often. */
char *make_quick_directory (void);

/* Removes @directory with what is in it, folders that are empty included, and frees its name; %NULL is none. */
void delete_directory (char *directory);
