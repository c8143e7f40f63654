/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

GBytes *
from_hex (const char *hex)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = ea_bytes_from_hex (hex, &error);

  if (bytes == NULL)
    fail_msg ("%s: %s", hex, error->message);
  return bytes;
}

void
assert_hex (EaSpan actual, const char *expected)
{
  g_autoptr (GBytes) bytes = from_hex (expected);
  g_autofree char *actual_hex = ea_span_to_hex (actual);
  g_autofree char *expected_hex = ea_span_to_hex (ea_span_from_bytes (bytes));

  assert_string_equal (actual_hex, expected_hex);
}

void
assert_bytes (GBytes *actual, const char *expected)
{
  assert_non_null (actual);
  assert_hex (ea_span_from_bytes (actual), expected);
}

GBytes *
cut (GBytes *bytes, gsize size)
{
  return g_bytes_new_from_bytes (bytes, 0, size);
}
