/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "helpers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <glib/gstdio.h>

#define POISON 0xA5

GBytes *
bytes_of (const char *hex)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = ea_bytes_from_hex (hex, &error);

  if (bytes == NULL)
    fail_msg ("%s: %s", hex, error->message);
  return bytes;
}

void
assert_span_is (EaSpan span, const char *hex)
{
  g_autoptr (GBytes) expected = bytes_of (hex);

  if (!ea_span_equal (span, ea_span_from_bytes (expected)))
    {
      g_autofree char *actual = ea_span_to_hex (span);

      fail_msg ("bytes are %s, not %s", actual, hex);
    }
}

void
assert_bytes_are (GBytes *bytes, const char *hex)
{
  assert_non_null (bytes);
  assert_span_is (ea_span_from_bytes (bytes), hex);
}

void
assert_core_error (GError **error, EaCoreError code)
{
  assert_non_null (*error);
  if (!g_error_matches (*error, EA_CORE_ERROR, (int) code))
    fail_msg ("error is %s %d (%s), not %d", g_quark_to_string ((*error)->domain), (*error)->code,
              (*error)->message, (int) code);
  g_clear_error (error);
}

void
assert_span_inside (EaSpan inner, EaSpan outer)
{
  if (inner.size == 0)
    return;
  assert_true (inner.data >= outer.data);
  assert_true (inner.data + inner.size <= outer.data + outer.size);
}

void
poison (void *memory, gsize size)
{
  memset (memory, POISON, size);
}

gboolean
is_poisoned (const void *memory, gsize size)
{
  const guint8 *bytes = memory;

  for (gsize i = 0; i < size; i++)
    if (bytes[i] != POISON)
      return FALSE;
  return TRUE;
}

void
parse_exact (EaSpan span, ParseFunc parse, gpointer user_data)
{
  g_autofree guint8 *copy = g_memdup2 (span.data, span.size);

  parse (ea_span_init (copy, span.size), user_data);
}

void
parse_truncations (EaSpan span, ParseFunc parse, gpointer user_data)
{
  for (gsize size = 0; size < span.size; size++)
    parse_exact (ea_span_init (span.data, size), parse, user_data);
}

char *
make_quick_directory (void)
{
  char *directory = g_mkdtemp (g_strdup ("/dev/shm/euicc-XXXXXX"));

  if (directory == NULL)
    directory = g_dir_make_tmp ("euicc-XXXXXX", NULL);
  assert_non_null (directory);
  return directory;
}

void
delete_directory (char *directory)
{
  g_autoptr (GDir) dir = directory != NULL ? g_dir_open (directory, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);

      assert_return_code (g_remove (path), 0);
    }
  if (directory != NULL)
    assert_return_code (g_rmdir (directory), 0);
  g_free (directory);
}
