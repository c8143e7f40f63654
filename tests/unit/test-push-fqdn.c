/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The name of an SM-SR in a trigger, in both codings. */

#include "core/push-fqdn.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/error.h"

#define NAME "smsr.example.com"
#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static void
assert_name (const char *bytes, gsize size, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = ea_push_read_fqdn (ea_span_init (bytes, size), &error);

  assert_null (error);
  assert_string_equal (name, expected);
}

static void
assert_no_name (const char *bytes, gsize size, int code)
{
  g_autoptr (GError) error = NULL;

  assert_null (ea_push_read_fqdn (ea_span_init (bytes, size), &error));
  assert_true (g_error_matches (error, EA_CORE_ERROR, code));
}

/* The labels of the query in RFC 1035 §4.1.2's manner */
static const char labels[] = "\4smsr\7example\3com";

static void
test_text_is_read (void **state)
{
  assert_name (NAME, strlen (NAME), NAME);
  assert_name (NAME ".", strlen (NAME) + 1, NAME);
  assert_name ("5g-smsr.example.com", strlen ("5g-smsr.example.com"), "5g-smsr.example.com");
  assert_name ("192.0.2.1", strlen ("192.0.2.1"), "192.0.2.1");
}

static void
test_labels_are_read_with_and_without_the_root (void **state)
{
  assert_name (labels, sizeof labels, NAME);
  assert_name (labels, sizeof labels - 1, NAME);
}

/* "1" is 49: a text of 50 characters could be one label. */
static void
test_text_that_could_be_a_label_is_text (void **state)
{
  static const char text[] = "1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

  assert_int_equal (strlen (text), 50);
  assert_name (text, strlen (text), text);
}

static void
test_truncated_labels_are_no_name (void **state)
{
  for (gsize size = 1; size < sizeof labels - 1; size++)
    if (size != 5 && size != 13) /* a name that is shorter */
      assert_no_name (labels, size, EA_CORE_ERROR_MALFORMED);
  assert_no_name (labels, 0, EA_CORE_ERROR_TRUNCATED);
}

static void
test_what_no_name_has_is_refused (void **state)
{
  static const char *const texts[]
      = { "a b", "a..b", ".a", "a/b", "a\nb", "user@host", "host:443", "\303\251.example" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_no_name (texts[i], strlen (texts[i]), EA_CORE_ERROR_MALFORMED);
  assert_no_name ("smsr\0.evil", 10, EA_CORE_ERROR_MALFORMED);
  assert_no_name ("\3a.b\0", 5, EA_CORE_ERROR_MALFORMED);
  assert_no_name ("\4smsr\0rest", 10, EA_CORE_ERROR_MALFORMED);
}

static void
test_limits (void **state)
{
  static const char longest[] = L63 "." L63 "." L63 "."
                                    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghi";

  assert_int_equal (strlen (longest), EA_PUSH_FQDN_MAX);
  assert_name (longest, strlen (longest), longest);
  assert_no_name (L63 "l.com", strlen (L63 "l.com"), EA_CORE_ERROR_LIMIT);
  assert_no_name (L63 "." L63 "." L63 "." L63, 255, EA_CORE_ERROR_LIMIT);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_text_is_read),
    cmocka_unit_test (test_labels_are_read_with_and_without_the_root),
    cmocka_unit_test (test_text_that_could_be_a_label_is_text),
    cmocka_unit_test (test_truncated_labels_are_no_name),
    cmocka_unit_test (test_what_no_name_has_is_refused),
    cmocka_unit_test (test_limits),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
