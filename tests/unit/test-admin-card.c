/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the card does in an administration session (agent/core/admin.h), and what becomes of it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admin-rig.h"
#include "helpers.h"

#define TYPE "Content-Type: application/vnd.globalplatform.card-content-mgt;version=1.0\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"
#define NEXT "X-Admin-Next-URI: /next?session=1&step=2\r\n"
#define NEXT_URI "/next?session=1&step=2"
#define OK_NEXT "HTTP/1.1 200 OK\r\n" TYPE NEXT CHUNKED
#define GET_DATA "80CA008500"

static void
test_sealed_objects_are_carried_in_blocks (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);
  g_autoptr (GString) zeros = g_string_new (NULL);
  g_autofree char *script = NULL;
  g_autofree char *first = NULL;

  for (guint i = 0; i < 253; i++)
    g_string_append (zeros, "00");
  script = g_strdup_printf ("AE80840A30000102030405060708"
                            "8681FF%s0102"
                            "0000",
                            zeros->str);
  first = g_strdup_printf ("80E21100FF8681FF%.*s00", 2 * 252, zeros->str);
  rig_receive_chunked (admin, OK_NEXT, script);
  rig_answer (admin, "80E291000C840A3000010203040506070800", "8403AABBCC9000");
  rig_answer (admin, first, "9000");
  rig_answer (admin,
              "80E2910103000102"
              "00",
              "86009000");

  rig_assert_sent (admin, RIG_ANSWER (NEXT_URI) CHUNKED "B\r\n",
                   "AF808403AABBCC86000000"
                   "0D0A300D0A0D0A");
  assert_int_equal (ea_admin_count_commands (admin), 3);
}

static void
test_sealed_error_ends_the_script (void **state)
{
  static const struct
  {
    const char *response;
    const char *size;
    const char *answer;
  } answers[] = {
    { "9F840269859000", "9\r\n", "AF809F840269850000" },
    { "6985", "8\r\n", "AF80230269850000" },
    { "AA6985", "9\r\n", "AF802303AA69850000" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_start (&options);
      g_autofree char *head = g_strconcat (RIG_ANSWER (NEXT_URI) CHUNKED, answers[i].size, NULL);
      g_autofree char *body = g_strconcat (answers[i].answer, "0D0A300D0A0D0A", NULL);

      rig_receive_chunked (admin, OK_NEXT,
                           "AE80"
                           "840101"
                           "850102"
                           "0000");
      rig_answer (admin, "80E291000384010100", answers[i].response);

      rig_assert_sent (admin, head, body);
    }
}

static void
test_sealed_object_without_a_sealed_answer_goes_on (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive_chunked (admin, OK_NEXT,
                       "AE80"
                       "840101"
                       "850102"
                       "0000");
  rig_answer (admin, "80E291000384010100", "9000");
  rig_answer (admin, "80E291000385010200", "8600AA9000");

  rig_assert_sent (admin, RIG_ANSWER (NEXT_URI) CHUNKED "F\r\n",
                   "AF8023029000"
                   "23058600AA9000"
                   "0000"
                   "0D0A300D0A0D0A");
}

static void
test_end_of_a_script_is_told (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);
  g_auto (EaAdminEvent) event = { 0 };

  rig_receive_chunked (admin, OK_NEXT,
                       "AE80"
                       "2205" GET_DATA "2205" GET_DATA "0000");
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
  rig_answer (admin, GET_DATA, "9000");
  rig_answer (admin, GET_DATA, "6982");

  assert_true (ea_admin_pull_event (admin, &event));
  assert_int_equal (event.type, EA_ADMIN_EVENT_SCRIPT_DONE);
  assert_int_equal (event.status, EA_ADMIN_STATUS_OK);
  assert_int_equal (event.end, EA_SCRIPT_RUN_END_ERROR);
  assert_int_equal (event.n_commands, 2);
  assert_int_equal (event.last_sw, 0x6982);
}

static void
test_interrupted_command_ends_the_script (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive_chunked (admin, OK_NEXT,
                       "AE80"
                       "2205" GET_DATA "2205" GET_DATA "0000");
  ea_admin_start_command (admin);
  assert_true (ea_admin_is_in_flight (admin));
  ea_admin_interrupt (admin);
  assert_false (ea_admin_is_in_flight (admin));

  rig_assert_sent (admin, RIG_ANSWER (NEXT_URI) CHUNKED "8\r\n",
                   "AF8023026FF10000"
                   "0D0A300D0A0D0A");
}

static void
test_response_without_a_status_word_is_an_interruption (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive_chunked (admin, OK_NEXT,
                       "AE80"
                       "2205" GET_DATA "2205" GET_DATA "0000");
  rig_answer (admin, GET_DATA, "90");

  rig_assert_sent (admin, RIG_ANSWER (NEXT_URI) CHUNKED "8\r\n",
                   "AF8023026FF10000"
                   "0D0A300D0A0D0A");
}

static void
test_refusal_after_a_command_is_an_interruption (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive_chunked (admin, OK_NEXT,
                       "AE80"
                       "2205" GET_DATA "2205" GET_DATA "0000");
  rig_answer (admin, GET_DATA, "9000");
  ea_admin_refuse (admin, EA_ADMIN_STATUS_UNAVAILABLE_SE);

  rig_assert_sent (admin, RIG_ANSWER (NEXT_URI) CHUNKED "C\r\n",
                   "AF8023029000"
                   "23026FF1"
                   "0000"
                   "0D0A300D0A0D0A");
}

/* GET DATA leaves nothing behind on its channel, SELECT does. */
static void
test_lost_channel_interrupts_what_rests_on_its_state (void **state)
{
  static const struct
  {
    const char *command;
    const char *object;
    gboolean goes_on;
  } commands[] = {
    { GET_DATA, "2205" GET_DATA, TRUE },
    { "00A40004023F00", "220700A40004023F00", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_start (&options);
      g_autofree char *script
          = g_strconcat ("AE80", commands[i].object, "2205" GET_DATA "0000", NULL);
      EaSpan apdu;

      rig_receive_chunked (admin, OK_NEXT, script);
      ea_admin_lose_channel (admin);
      rig_answer (admin, commands[i].command, "9000");
      ea_admin_lose_channel (admin);

      assert_int_equal (ea_admin_peek_command (admin, &apdu), commands[i].goes_on);
      if (!commands[i].goes_on)
        rig_assert_sent (admin, RIG_ANSWER (NEXT_URI) CHUNKED "C\r\n",
                         "AF8023029000"
                         "23026FF1"
                         "0000"
                         "0D0A300D0A0D0A");
    }
}

static void
test_channel_lost_within_a_sealed_object_interrupts_it (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);
  g_autoptr (GString) script = g_string_new ("AE80"
                                             "8681FF");
  EaSpan apdu;

  for (guint i = 0; i < 255; i++)
    g_string_append (script, "00");
  g_string_append (script, "0000");
  rig_receive_chunked (admin, OK_NEXT, script->str);
  ea_admin_lose_channel (admin);
  assert_true (ea_admin_peek_command (admin, &apdu));
  ea_admin_start_command (admin);
  ea_admin_lose_channel (admin);
  assert_true (ea_admin_is_in_flight (admin));
  ea_admin_push_response (admin, EA_SPAN_OF_ARRAY (((const guint8[]){ 0x90, 0x00 })));

  assert_false (ea_admin_peek_command (admin, &apdu));
  rig_assert_sent (admin, RIG_ANSWER (NEXT_URI) CHUNKED "8\r\n",
                   "AF8023026FF10000"
                   "0D0A300D0A0D0A");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_sealed_objects_are_carried_in_blocks),
    cmocka_unit_test (test_sealed_error_ends_the_script),
    cmocka_unit_test (test_sealed_object_without_a_sealed_answer_goes_on),
    cmocka_unit_test (test_end_of_a_script_is_told),
    cmocka_unit_test (test_interrupted_command_ends_the_script),
    cmocka_unit_test (test_response_without_a_status_word_is_an_interruption),
    cmocka_unit_test (test_refusal_after_a_command_is_an_interruption),
    cmocka_unit_test (test_lost_channel_interrupts_what_rests_on_its_state),
    cmocka_unit_test (test_channel_lost_within_a_sealed_object_interrupts_it),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
