/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"

enum
{
  COLUMN_ID,
  COLUMN_KIND,
  COLUMN_HEX,
  COLUMN_EXPECTED,
  COLUMN_SOURCE,
  N_COLUMNS
};

static void
vector_free (gpointer data)
{
  Vector *vector = data;

  g_clear_pointer (&vector->json, json_node_unref);
  g_clear_pointer (&vector->bytes, g_bytes_unref);
  g_free (vector->id);
  g_free (vector);
}

static Vector *
parse_row (const char *file, const char *line)
{
  g_auto (GStrv) columns = g_strsplit (line, "\t", -1);
  g_autoptr (GError) error = NULL;
  Vector *vector;

  if (g_strv_length (columns) != N_COLUMNS)
    fail_msg ("%s: row with %u columns: %.60s", file, g_strv_length (columns), line);

  vector = g_new0 (Vector, 1);
  vector->id = g_strdup (columns[COLUMN_ID]);
  vector->bytes = bytes_of (columns[COLUMN_HEX]);
  vector->json = json_from_string (columns[COLUMN_EXPECTED], &error);
  if (vector->json == NULL || !JSON_NODE_HOLDS_OBJECT (vector->json))
    fail_msg ("%s: %s: expected is no JSON object", file, vector->id);
  vector->expected = json_node_get_object (vector->json);
  return vector;
}

GPtrArray *
vectors_load (const char *file)
{
  g_autofree char *path = g_build_filename (EA_TEST_VECTORS, file, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *vectors = g_ptr_array_new_with_free_func (vector_free);

  if (!g_file_get_contents (path, &text, NULL, &error))
    fail_msg ("%s", error->message);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines + 1; *lines != NULL && *line != NULL; line++) /* after the heading */
    if (**line != '\0')
      g_ptr_array_add (vectors, parse_row (file, *line));
  assert_true (vectors->len > 0);
  return vectors;
}

static JsonNode *
get_member (JsonObject *object, const char *member, GType type)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, member) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != type)
    return NULL;
  return node;
}

const char *
vector_get_string (const Vector *vector, const char *member)
{
  JsonNode *node = get_member (vector->expected, member, G_TYPE_STRING);

  return node != NULL ? json_node_get_string (node) : NULL;
}

JsonObject *
vector_get_object (const Vector *vector, const char *member)
{
  JsonNode *node = json_object_get_member (vector->expected, member);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

gboolean
json_get_number_string (JsonObject *object, const char *member, guint base, guint64 *out)
{
  JsonNode *node = get_member (object, member, G_TYPE_STRING);

  return node != NULL
         && g_ascii_string_to_unsigned (json_node_get_string (node), base, 0, G_MAXUINT64, out,
                                        NULL);
}

gboolean
json_get_integer (JsonObject *object, const char *member, gint64 *out)
{
  JsonNode *integer = get_member (object, member, G_TYPE_INT64);
  JsonNode *boolean = get_member (object, member, G_TYPE_BOOLEAN);

  if (integer != NULL)
    *out = json_node_get_int (integer);
  else if (boolean != NULL)
    *out = json_node_get_boolean (boolean);
  return integer != NULL || boolean != NULL;
}

void
vector_assert (const Vector *vector, gboolean holds, const char *claim)
{
  if (!holds)
    fail_msg ("%s: not so: %s", vector->id, claim);
}

void
vector_assert_number (const Vector *vector, const char *what, guint64 actual, guint64 expected)
{
  if (actual != expected)
    fail_msg ("%s: %s is %" G_GUINT64_FORMAT ", not %" G_GUINT64_FORMAT, vector->id, what, actual,
              expected);
}

void
vector_assert_string (const Vector *vector, const char *what, const char *actual,
                      const char *expected)
{
  if (g_strcmp0 (actual, expected) != 0)
    fail_msg ("%s: %s is '%s', not '%s'", vector->id, what, actual, expected);
}

void
vectors_report (const char *file, guint n_checked, guint n_rows, const char *why_not)
{
  print_message ("%s: %u of %u rows checked%s%s\n", file, n_checked, n_rows,
                 n_checked < n_rows ? "; the others: " : "", n_checked < n_rows ? why_not : "");
  assert_true (n_checked > 0);
}
