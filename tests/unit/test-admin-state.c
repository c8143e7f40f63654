/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Administration sessions at rest (agent/core/admin.h), and what is no such session. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "admin-rig.h"
#include "core/error.h"
#include "helpers.h"

#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"
#define NEXT "X-Admin-Next-URI: /next\r\n"
#define RESUMED "X-Admin-Resume: true\r\n"
#define OK_NEXT "HTTP/1.1 200 OK\r\n" NEXT CHUNKED
#define GET_3 "80CA008503"

/* (transfer full): @admin as it is stored, and again. */
static EaAdmin *
restart (EaAdmin *admin, const EaAdminOptions *options)
{
  g_autoptr (GBytes) head = ea_admin_save (admin);
  g_autoptr (GError) error = NULL;
  gboolean has_sent = FALSE;
  guint32 exchange = 0;
  EaAdmin *restored;

  assert_true (g_bytes_get_size (head) <= EA_ADMIN_HEAD_MAX);
  assert_true (ea_admin_read_exchange (ea_span_from_bytes (head), &exchange, &has_sent, &error));
  assert_int_equal (exchange, ea_admin_get_exchange (admin));
  assert_int_equal (has_sent, ea_admin_get_sent (admin).size > 0);
  restored = ea_admin_restore (options, ea_span_from_bytes (head), ea_admin_get_sent (admin),
                               ea_admin_get_answers (admin), &error);
  assert_null (error);
  return restored;
}

static void
test_session_that_was_finished_is_finished_after_a_restart (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);
  g_autoptr (EaAdmin) again = NULL;

  rig_receive (admin, "HTTP/1.1 204 No Content\r\n\r\n", "");
  again = restart (admin, &options);

  assert_true (ea_admin_is_finished (again));
  rig_assert_event (again, EA_ADMIN_EVENT_FINISHED);
  ea_admin_begin (again);
  rig_assert_nothing_sent (again);
}

static void
test_counts_outlive_a_restart (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);
  g_autoptr (EaAdmin) again = NULL;

  rig_receive_chunked (admin, OK_NEXT,
                       "AE80"
                       "2205" RIG_GET_1 "2205" RIG_GET_2 "0000");
  rig_answer (admin, RIG_GET_1, "9000");
  rig_answer (admin, RIG_GET_2, "9000");
  again = restart (admin, &options);

  assert_int_equal (ea_admin_count_commands (again), 2);
  assert_int_equal (ea_admin_count_scripts (again), 1);
  assert_int_equal (ea_admin_get_exchange (again), 1);
  assert_true (ea_admin_has_posted (again));
  assert_span_is (ea_admin_get_answers (again), "AF8023029000230290000000");
}

static void
test_command_in_flight_at_a_restart_is_interrupted (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);
  g_autoptr (EaAdmin) again = NULL;
  g_auto (EaAdminEvent) event = { 0 };

  rig_receive_chunked (admin, OK_NEXT,
                       "AE80"
                       "2205" RIG_GET_1 "2205" RIG_GET_2 "2205" GET_3 "0000");
  rig_answer (admin, RIG_GET_1, "9000");
  ea_admin_start_command (admin);
  again = restart (admin, &options);

  assert_true (ea_admin_pull_event (again, &event));
  assert_int_equal (event.type, EA_ADMIN_EVENT_SCRIPT_DONE);
  assert_int_equal (event.end, EA_SCRIPT_RUN_END_INTERRUPTED);
  assert_int_equal (event.n_commands, 2); /* its own answer included */
  ea_admin_begin (again);
  rig_assert_sent (again, RIG_ANSWER ("/next") RESUMED CHUNKED "C\r\n",
                   "AF8023029000"
                   "23026FF1"
                   "0000"
                   "0D0A300D0A0D0A");
}

static void
test_first_command_in_flight_at_a_restart_is_interrupted (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);
  g_autoptr (EaAdmin) again = NULL;

  rig_receive_chunked (admin, "HTTP/1.1 200 OK\r\n" CHUNKED,
                       "AE80"
                       "2205" RIG_GET_1 "0000");
  ea_admin_start_command (admin);
  again = restart (admin, &options);

  rig_assert_event (again, EA_ADMIN_EVENT_SCRIPT_DONE);
  rig_assert_event (again, EA_ADMIN_EVENT_FINISHED);
}

static void
test_head_has_nothing_of_the_script (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);
  g_autoptr (GBytes) head = NULL;
  g_autofree char *hex = NULL;

  rig_receive (admin, OK_NEXT "1f\r\n",
               "AE80"
               "2205" RIG_GET_1 "2205" RIG_GET_2 "841100112233445566778899AABBCCDD");
  rig_answer (admin, RIG_GET_1, "9000");
  ea_admin_start_command (admin);
  head = ea_admin_save (admin);
  hex = ea_span_to_hex (ea_span_from_bytes (head));

  assert_null (strstr (hex, "80CA0085"));
  assert_null (strstr (hex, "1122334455"));
  assert_in_range (g_bytes_get_size (head), 64, 160);
}

static void
assert_not_restored (EaSpan head, EaSpan sent, EaSpan answers)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (GError) error = NULL;

  assert_null (ea_admin_restore (&options, head, sent, answers, &error));
  assert_non_null (error);
  assert_int_equal (error->domain, EA_CORE_ERROR);
}

static void
test_head_that_is_cut_is_refused (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_break_behind_two (&options);
  g_autoptr (GBytes) head = ea_admin_save (admin);
  EaSpan span = ea_span_from_bytes (head);
  g_autofree guint8 *longer = g_malloc0 (span.size + 1);

  for (gsize size = 0; size < span.size; size++)
    assert_not_restored (ea_span_head (span, size), EA_SPAN_EMPTY, ea_admin_get_answers (admin));
  memcpy (longer, span.data, span.size);
  assert_not_restored (ea_span_init (longer, span.size + 1), EA_SPAN_EMPTY,
                       ea_admin_get_answers (admin));
  longer[0]++;
  assert_not_restored (ea_span_init (longer, span.size), EA_SPAN_EMPTY,
                       ea_admin_get_answers (admin));
}

static void
test_answers_that_do_not_go_with_the_head_are_refused (void **state)
{
  static const char *const answers[] = {
    "",
    "AF80",
    "AF802303AA90002302900023029000",
    "AF802303AA90002302",
    "AF802303AA9000230290000000FF",
    "AF802303AA90000000",
    "AF8080010223029000",
    "AF809001012303AA9000",
    "AB802303AA900023029000",
    "2303AA900023029000",
  };
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_break_behind_two (&options);
  g_autoptr (GBytes) head = ea_admin_save (admin);

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (GBytes) bytes = bytes_of (answers[i]);

      assert_not_restored (ea_span_from_bytes (head), EA_SPAN_EMPTY, ea_span_from_bytes (bytes));
    }
}

#define NUMBERS                                                                                    \
  "0000000000000000000000000000" /* exchange, commands, scripts, answers without one */
#define URI "00062F6669727374"
#define DIGEST "0000000000000000000000000000000000000000000000000000000000000000"
#define NO_OBJECTS "00000000" DIGEST

static void
test_head_with_values_that_there_are_not_is_refused (void **state)
{
  static const struct
  {
    const char *head;
    gboolean is_good;
  } heads[] = {
    { "0100" NUMBERS "0702" URI, TRUE },
    { "0100" NUMBERS "0802" URI, FALSE },
    { "0100" NUMBERS "0703" URI, FALSE },
    { "0100" NUMBERS "0702"
      "0000",
      FALSE },
    { "0100" NUMBERS "0702"
      "00022F00",
      FALSE },
    { "0100" NUMBERS "0702"
      "00032F2041",
      FALSE },
    { "0110" NUMBERS "0002" URI "02" NO_OBJECTS "0005A000000559", TRUE },
    { "0110" NUMBERS "0002" URI "03" NO_OBJECTS "0005A000000559", FALSE },
    { "0110" NUMBERS "0002" URI "02" NO_OBJECTS "0011A000000559000000000000000000000000", FALSE },
    { "0190" NUMBERS "0002" URI "02" NO_OBJECTS "0005A000000559" URI, TRUE },
    { "0190" NUMBERS "0002" URI "02" NO_OBJECTS "0005A000000559"
      "00012F"
      "00",
      FALSE },
    { "0190" NUMBERS "0002" URI "02" NO_OBJECTS "0005A000000559"
      "000120",
      FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (GBytes) head = bytes_of (heads[i].head);
      g_autoptr (GError) error = NULL;
      g_autoptr (EaAdmin) admin = ea_admin_restore (&options, ea_span_from_bytes (head),
                                                    EA_SPAN_EMPTY, EA_SPAN_EMPTY, &error);

      assert_int_equal (admin != NULL, heads[i].is_good);
      assert_int_equal (error == NULL, heads[i].is_good);
    }
}

static void
test_exchange_of_a_head_that_is_cut_is_not_read (void **state)
{
  g_autoptr (GBytes) head = bytes_of ("0110"
                                      "000000FF");
  EaSpan span = ea_span_from_bytes (head);
  guint32 exchange = 7;
  gboolean has_sent = TRUE;

  for (gsize size = 0; size < span.size; size++)
    {
      g_autoptr (GError) error = NULL;

      assert_false (
          ea_admin_read_exchange (ea_span_head (span, size), &exchange, &has_sent, &error));
      assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
      assert_int_equal (exchange, 7);
    }
  assert_true (ea_admin_read_exchange (span, &exchange, &has_sent, NULL));
  assert_int_equal (exchange, 255);
  assert_false (has_sent);
}

/* The end of the script was stored with its answers, the head not any more. */
static void
test_script_that_had_ended_by_a_restart_is_answered (void **state)
{
  static const struct
  {
    const char *answers;
    EaAdminStatus status;
    const char *size;
  } ends[] = {
    { "AF802303AA9000230290000000", EA_ADMIN_STATUS_OK, "D\r\n" },
    { "AF802303AA9000230290009001010000", EA_ADMIN_STATUS_SCRIPT_FORMAT_ERROR, "10\r\n" },
    { "AF802303AA90002302900023026FF10000", EA_ADMIN_STATUS_OK, "11\r\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_break_behind_two (&options);
      g_autoptr (GBytes) head = ea_admin_save (admin);
      g_autoptr (GBytes) answers = bytes_of (ends[i].answers);
      g_autoptr (EaAdmin) again = ea_admin_restore (
          &options, ea_span_from_bytes (head), EA_SPAN_EMPTY, ea_span_from_bytes (answers), NULL);
      g_autofree char *start
          = g_strconcat (RIG_ANSWER ("/next") RESUMED CHUNKED, ends[i].size, NULL);
      g_autofree char *body = g_strconcat (ends[i].answers, "0D0A300D0A0D0A", NULL);
      g_auto (EaAdminEvent) event = { 0 };

      assert_true (ea_admin_pull_event (again, &event));
      assert_int_equal (event.type, EA_ADMIN_EVENT_SCRIPT_DONE);
      assert_int_equal (event.status, ends[i].status);
      ea_admin_begin (again);
      rig_assert_sent (again, start, body);
    }
}

static void
test_answers_over_the_limit_are_refused (void **state)
{
  g_autoptr (GBytes) head = bytes_of ("0104" NUMBERS "0102" URI);
  g_autofree guint8 *answers = g_malloc0 (EA_ADMIN_ANSWERS_MAX + 17);

  assert_not_restored (ea_span_from_bytes (head), EA_SPAN_EMPTY,
                       ea_span_init (answers, EA_ADMIN_ANSWERS_MAX + 17));
}

static void
test_post_without_its_answers_is_refused (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);
  g_autoptr (GBytes) head = NULL;
  g_autoptr (GBytes) half = bytes_of ("AF8023029000");

  rig_receive_chunked (admin, OK_NEXT,
                       "AE80"
                       "2205" RIG_GET_1 "0000");
  rig_answer (admin, RIG_GET_1, "9000");
  head = ea_admin_save (admin);

  assert_not_restored (ea_span_from_bytes (head), EA_SPAN_EMPTY, EA_SPAN_EMPTY);
  assert_not_restored (ea_span_from_bytes (head), EA_SPAN_EMPTY, ea_span_from_bytes (half));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_session_that_was_finished_is_finished_after_a_restart),
    cmocka_unit_test (test_counts_outlive_a_restart),
    cmocka_unit_test (test_command_in_flight_at_a_restart_is_interrupted),
    cmocka_unit_test (test_first_command_in_flight_at_a_restart_is_interrupted),
    cmocka_unit_test (test_head_has_nothing_of_the_script),
    cmocka_unit_test (test_head_that_is_cut_is_refused),
    cmocka_unit_test (test_answers_that_do_not_go_with_the_head_are_refused),
    cmocka_unit_test (test_head_with_values_that_there_are_not_is_refused),
    cmocka_unit_test (test_exchange_of_a_head_that_is_cut_is_not_read),
    cmocka_unit_test (test_script_that_had_ended_by_a_restart_is_answered),
    cmocka_unit_test (test_answers_over_the_limit_are_refused),
    cmocka_unit_test (test_post_without_its_answers_is_refused),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
