/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

/*
 * Rows of the files in tests/vectors: id, kind, hex, expected and source, divided by tabs. The bytes
 * and what they mean come from the standards or from other implementations, as each row's source says.
 */

/**
 * Vector:
 * @bytes: what @hex says
 * @expected: (nullable): borrowed from @json
 */
typedef struct
{
  char *id;
  GBytes *bytes;
  JsonNode *json;
  JsonObject *expected;
} Vector;

/* (transfer full) (element-type Vector): all rows of @file; what can't be read fails the test. */
GPtrArray *vectors_load (const char *file);

/* The string or object that @vector expects under @member; %NULL when it expects nothing there. */
const char *vector_get_string (const Vector *vector, const char *member);
JsonObject *vector_get_object (const Vector *vector, const char *member);

/* TRUE when @object (nullable) has @member as a string, which is a number to @base, put into @out. */
gboolean json_get_number_string (JsonObject *object, const char *member, guint base, guint64 *out);

/* TRUE when @object (nullable) has @member as an integer or a boolean, put into @out. */
gboolean json_get_integer (JsonObject *object, const char *member, gint64 *out);

/* Fail the test, with the row's id, unless the claim holds. */
void vector_assert (const Vector *vector, gboolean holds, const char *claim);
void vector_assert_number (const Vector *vector, const char *what, guint64 actual,
                           guint64 expected);
void vector_assert_string (const Vector *vector, const char *what, const char *actual,
                           const char *expected);

/* Says how many rows of @file a test could use, so that none is left out in silence. */
void vectors_report (const char *file, guint n_checked, guint n_rows, const char *why_not);
