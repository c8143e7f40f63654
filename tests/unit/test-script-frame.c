/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/script.h"
#include "helpers.h"

/* (transfer full) (nullable): the response @hex in @format. */
static GBytes *
frame (const char *hex, EaScriptFormat format, GError **error)
{
  g_autoptr (GBytes) response = bytes_of (hex);
  g_auto (EaWriter) writer = { 0 };
  EaSpan rest;

  ea_writer_init (&writer);
  if (!ea_script_frame_response (ea_span_from_bytes (response), format, &writer, &rest, error))
    return NULL;
  ea_writer_bytes (&writer, rest);
  return ea_writer_steal (&writer);
}

static void
test_response_gets_the_frame_of_its_format (void **state)
{
  static const struct
  {
    const char *response;
    EaScriptFormat format;
    const char *framed;
  } responses[] = {
    { "AF802303009000"
      "0000",
      EA_SCRIPT_FORMAT_INDEFINITE, "AF8023030090000000" },
    { "AF802303009000"
      "0000",
      EA_SCRIPT_FORMAT_DEFINITE, "AB088001012303009000" },
    { "AF802303009000"
      "0000",
      EA_SCRIPT_FORMAT_COMPACT, "01900000" },
    { "AF8023029000A304AABB6282"
      "0000",
      EA_SCRIPT_FORMAT_COMPACT, "026282AABB" },
    { "AF8023029000A304AABB6282"
      "0000",
      EA_SCRIPT_FORMAT_DEFINITE, "AB0D80010223029000A304AABB6282" },
    { "AF8023029000900101"
      "0000",
      EA_SCRIPT_FORMAT_DEFINITE, "AB0A80010123029000900101" },
    { "AF809F84026985"
      "0000",
      EA_SCRIPT_FORMAT_DEFINITE, "AB088001019F84026985" },
    { "AF80"
      "0000",
      EA_SCRIPT_FORMAT_DEFINITE, "AB03800100" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (responses); i++)
    {
      g_autoptr (GBytes) framed = frame (responses[i].response, responses[i].format, NULL);

      assert_bytes_are (framed, responses[i].framed);
    }
}

/* ISO/IEC 8825-1 §8.3: 128 and more need an octet for the sign */
static void
test_number_of_many_commands_is_a_signed_integer (void **state)
{
  g_autoptr (GString) response = g_string_new ("AF80");
  g_autoptr (GString) expected = g_string_new ("AB820204"
                                               "80020080");
  g_autoptr (GBytes) framed = NULL;

  for (guint i = 0; i < 128; i++)
    {
      g_string_append (response, "23029000");
      g_string_append (expected, "23029000");
    }
  g_string_append (response, "0000");
  framed = frame (response->str, EA_SCRIPT_FORMAT_DEFINITE, NULL);

  assert_bytes_are (framed, expected->str);
}

static void
test_compact_response_counts_255_commands (void **state)
{
  g_autoptr (GString) response = g_string_new ("AF80");
  g_autoptr (GBytes) most = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 255; i++)
    g_string_append (response, "23029000");
  g_string_append (response, "0000");
  most = frame (response->str, EA_SCRIPT_FORMAT_COMPACT, NULL);
  assert_bytes_are (most, "FF9000");

  g_string_insert (response, 4, "23029000");
  assert_null (frame (response->str, EA_SCRIPT_FORMAT_COMPACT, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static void
test_what_is_no_whole_response_is_refused (void **state)
{
  static const struct
  {
    const char *response;
    EaScriptFormat format;
    EaCoreError code;
  } responses[] = {
    { "AF8023029000", EA_SCRIPT_FORMAT_INDEFINITE, EA_CORE_ERROR_TRUNCATED },
    { "AF802302900000000000", EA_SCRIPT_FORMAT_INDEFINITE, EA_CORE_ERROR_MALFORMED },
    { "AB078001012302"
      "9000",
      EA_SCRIPT_FORMAT_DEFINITE, EA_CORE_ERROR_UNSUPPORTED },
    { "AE800000", EA_SCRIPT_FORMAT_INDEFINITE, EA_CORE_ERROR_UNSUPPORTED },
    { "AF800000", EA_SCRIPT_FORMAT_COMPACT, EA_CORE_ERROR_MISSING },
  };

  for (guint i = 0; i < G_N_ELEMENTS (responses); i++)
    {
      g_autoptr (GError) error = NULL;

      assert_null (frame (responses[i].response, responses[i].format, &error));
      assert_core_error (&error, responses[i].code);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_response_gets_the_frame_of_its_format),
    cmocka_unit_test (test_number_of_many_commands_is_a_signed_integer),
    cmocka_unit_test (test_compact_response_counts_255_commands),
    cmocka_unit_test (test_what_is_no_whole_response_is_refused),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
