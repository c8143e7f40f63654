/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What euiccctl makes of texts, numbers and words: pure functions of it. */

#include <locale.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctl/advice.h"
#include "ctl/fit.h"
#include "ctl/near.h"
#include "ctl/progress.h"
#include "session/error-name.h"

static void
expect (char *actual, const char *expected)
{
  assert_string_equal (actual, expected);
  g_free (actual);
}

static void
test_wide_and_combining_characters_take_their_columns (void **state)
{
  assert_int_equal (ea_fit_width (""), 0);
  assert_int_equal (ea_fit_width ("smsr.example.com"), 16);
  assert_int_equal (ea_fit_width ("münchen"), 7);
  assert_int_equal (ea_fit_width ("東京"), 4);
  assert_int_equal (ea_fit_width ("e\u0301"), 1);
}

static void
test_what_is_too_long_is_cut_where_it_says_so (void **state)
{
  expect (ea_fit_shorten ("smsr.example.com:443", 0), "smsr.example.com:443");
  expect (ea_fit_shorten ("smsr.example.com:443", 20), "smsr.example.com:443");
  expect (ea_fit_shorten ("smsr.example.com:443", 19), "smsr.example.com:4…");
  expect (ea_fit_shorten ("smsr", 1), "…");
  expect (ea_fit_shorten ("東京大阪", 6), "東京…");
  expect (ea_fit_shorten_number ("89001012012341234012345678901224", 8), "…8901224");
  expect (ea_fit_shorten_number ("1224", 8), "1224");
}

static void
test_sentences_are_wrapped_at_blanks (void **state)
{
  expect (ea_fit_wrap ("one two three", 0, 0, 0), "one two three");
  expect (ea_fit_wrap ("one two three", 0, 0, 13), "one two three");
  expect (ea_fit_wrap ("one two three", 0, 2, 12), "one two\n  three");
  expect (ea_fit_wrap ("one two three", 0, 0, 8), "one two\nthree");
  expect (ea_fit_wrap ("one two three", 3, 0, 11), "one two\nthree");
  expect (ea_fit_wrap ("3B9F96801FC78031A073", 0, 0, 12), "3B9F96801FC7\n8031A073");
  expect (ea_fit_wrap ("東京 大阪 京都", 0, 0, 9), "東京 大阪\n京都");
}

/* An error may quote what a server has sent. */
static void
test_control_characters_do_not_reach_the_terminal (void **state)
{
  expect (ea_fit_wrap ("HTTP 500 \033[2J\r\n", 0, 0, 0), "HTTP 500 ?[2J??");
  expect (ea_fit_shorten ("a\tb\x9b", 80), "a?b\uFFFD");
}

static void
test_sizes_and_durations_are_for_people (void **state)
{
  expect (ea_progress_format_size (0), "0 B");
  expect (ea_progress_format_size (999), "999 B");
  expect (ea_progress_format_size (1000), "1.0 kB");
  expect (ea_progress_format_size (1048576), "1.0 MB");
  expect (ea_progress_format_size (999949), "999.9 kB");
  expect (ea_progress_format_size (999950), "1.0 MB");
  expect (ea_progress_format_size (G_MAXUINT64), "18446744.1 TB");
  expect (ea_progress_format_duration (0), "0:00");
  expect (ea_progress_format_duration (59), "0:59");
  expect (ea_progress_format_duration (3599), "59:59");
  expect (ea_progress_format_duration (3723), "1:02:03");
}

static const EaProgress at_work = { .state = "exchanging",
                                    .elapsed_s = 12,
                                    .bytes_received = 98304,
                                    .bytes_sent = 4096,
                                    .bytes_per_second = 8533,
                                    .n_apdus = 45,
                                    .n_moves = 2 };

static void
test_line_of_progress_fits_the_terminal (void **state)
{
  expect (ea_progress_format (&at_work, 79),
          "exchanging   0:12   98.3 kB in    4.1 kB out    8.5 kB/s     45 APDUs  [  <=> ]");
  expect (ea_progress_format (&at_work, 72),
          "exchanging   0:12   98.3 kB in    4.1 kB out    8.5 kB/s     45 APDUs");
  expect (ea_progress_format (&at_work, 60),
          "exchanging   0:12   98.3 kB in    4.1 kB out     45 APDUs");
  expect (ea_progress_format (&at_work, 50), "exchanging   0:12   98.3 kB in    4.1 kB out");
  expect (ea_progress_format (&at_work, 40), "exchanging   98.3 kB in    4.1 kB out");
  expect (ea_progress_format (&at_work, 20), "exchanging");
  expect (ea_progress_format (&at_work, 6), "excha…");
  for (gsize n_columns = 1; n_columns < 200; n_columns++)
    {
      g_autofree char *line = ea_progress_format (&at_work, n_columns);

      assert_true (ea_fit_width (line) <= n_columns);
    }
}

static void
test_mark_goes_to_and_fro (void **state)
{
  EaProgress progress = at_work;
  static const char *const bars[]
      = { "[<=>  ]", "[ <=> ]", "[  <=>]", "[ <=> ]", "[<=>  ]", "[ <=> ]" };

  for (guint i = 0; i < G_N_ELEMENTS (bars); i++)
    {
      g_autofree char *line = NULL;

      progress.n_moves = i;
      line = ea_progress_format (&progress, 78);
      assert_true (g_str_has_suffix (line, bars[i]));
    }
}

static void
test_queue_has_no_counts (void **state)
{
  const EaProgress queued
      = { .state = "queued behind Session/2", .is_queued = TRUE, .elapsed_s = 61 };

  expect (ea_progress_format (&queued, 79), "queued behind Session/2   1:01");
}

static void
test_rate_is_of_the_last_seconds (void **state)
{
  EaProgressRate rate = { 0 };

  assert_int_equal (ea_progress_rate_get (&rate), 0);
  for (guint i = 0; i <= EA_PROGRESS_RATE_SAMPLES; i++)
    ea_progress_rate_add (&rate, i * G_USEC_PER_SEC, i * 1000);
  assert_int_equal (ea_progress_rate_get (&rate), 1000);
  for (guint i = 1; i <= EA_PROGRESS_RATE_SAMPLES; i++)
    ea_progress_rate_add (&rate, (EA_PROGRESS_RATE_SAMPLES + i) * G_USEC_PER_SEC,
                          EA_PROGRESS_RATE_SAMPLES * 1000);
  assert_int_equal (ea_progress_rate_get (&rate), 0);
}

static void
test_mistyped_words_are_recognised (void **state)
{
  static const char *const words[] = { "status", "sessions", "show", "cancel", "monitor", NULL };

  assert_string_equal (ea_near_find ("stauts", words), "status");
  assert_string_equal (ea_near_find ("session", words), "sessions");
  assert_string_equal (ea_near_find ("sesion", words), "sessions");
  assert_string_equal (ea_near_find ("cancle", words), "cancel");
  assert_string_equal (ea_near_find ("moni", words), "monitor");
  assert_null (ea_near_find ("s", words));
  assert_null (ea_near_find ("", words));
  assert_null (ea_near_find ("enable-profile", words));
  assert_null (ea_near_find ("a-word-that-is-longer-than-any-command-may-be", words));
  assert_int_equal (ea_near_count_mistakes ("abcd", "abdc"), 1);
  assert_int_equal (ea_near_count_mistakes ("", "abc"), 3);
}

/* By hand, from what the bus promises and what the agent has */
static void
test_every_stable_error_has_a_next_step (void **state)
{
  static const char *const names[] = { "NotAuthorized",
                                       "NoKey",
                                       "NoBearer",
                                       "NoSuchTransport",
                                       "Busy",
                                       "CardAbsent",
                                       "ModemFailed",
                                       "AccessDenied",
                                       "ClientIdsExhausted",
                                       "ResolveFailed",
                                       "ConnectFailed",
                                       "HandshakeFailed",
                                       "ProtocolError",
                                       "Timeout",
                                       "Cancelled",
                                       "InvalidArgument",
                                       "LimitExceeded",
                                       EA_ERROR_NOT_REGISTERED,
                                       EA_ERROR_STORE_FAILED,
                                       EA_ERROR_STORE_FULL,
                                       EA_ERROR_STORE_READ_ONLY,
                                       EA_ERROR_ADDRESS_REFUSED,
                                       EA_ERROR_UNKNOWN_APPLICATION,
                                       EA_ERROR_SCRIPT_MALFORMED,
                                       EA_ERROR_COMMAND_REFUSED,
                                       EA_ERROR_INTERRUPTED,
                                       EA_ERROR_KEYS_CHANGED,
                                       EA_ERROR_UNKNOWN_IDENTITY,
                                       EA_ERROR_WRONG_KEY,
                                       EA_ERROR_NO_COMMON_CIPHER_SUITE,
                                       EA_ERROR_TLS_VERSION,
                                       EA_ERROR_CONNECTION_LOST,
                                       EA_ERROR_TRUNCATED,
                                       EA_ERROR_SERVER_ERROR,
                                       EA_ERROR_REDIRECT_REFUSED,
                                       EA_ERROR_WRONG_CONTENT_TYPE };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (ea_advice_get (names[i]) == NULL)
      fail_msg ("there is no advice for %s", names[i]);
  assert_null (ea_advice_get ("NoSuchError"));
}

/* What the bus hands over for an error of the agent's */
static void
expect_advice (const char *method, const char *name, const char *sentence, const char *expected)
{
  g_autoptr (GError) error = g_dbus_error_new_for_dbus_error (name, sentence);

  ea_advice_add (method, &error);
  assert_string_equal (error->message, expected);
}

static void
test_errors_of_calls_have_the_step_that_fits_the_method (void **state)
{
  expect_advice ("OpenSession", "org.euicc.Agent1.Error.NoKey",
                 "No key for EID 89001012012341234012345678901224",
                 "No key for EID 89001012012341234012345678901224: see KEYS in "
                 "euicc-agent.conf(5)");
  expect_advice ("Rescan", "org.euicc.Agent1.Error.NotAuthorized", "You may not",
                 "You may not: become root, or have a polkit rule for the action "
                 "org.euicc.agent1.rescan; on a terminal polkit asks for a password");
  expect_advice ("Cancel", "org.euicc.Agent1.Error.InvalidArgument", "It has ended",
                 "It has ended: see 'euiccctl sessions'");
  expect_advice ("GetHistory", "org.freedesktop.DBus.Error.NoReply", "Did not receive a reply",
                 "the agent does not answer: see 'journalctl -u euicc-agent'");
  expect_advice ("GetHistory", "org.freedesktop.DBus.Error.AccessDenied", "Rejected send message",
                 "you may not talk to the agent: become root, or join the group 'euicc'");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_wide_and_combining_characters_take_their_columns),
    cmocka_unit_test (test_what_is_too_long_is_cut_where_it_says_so),
    cmocka_unit_test (test_sentences_are_wrapped_at_blanks),
    cmocka_unit_test (test_control_characters_do_not_reach_the_terminal),
    cmocka_unit_test (test_sizes_and_durations_are_for_people),
    cmocka_unit_test (test_line_of_progress_fits_the_terminal),
    cmocka_unit_test (test_mark_goes_to_and_fro),
    cmocka_unit_test (test_queue_has_no_counts),
    cmocka_unit_test (test_rate_is_of_the_last_seconds),
    cmocka_unit_test (test_mistyped_words_are_recognised),
    cmocka_unit_test (test_every_stable_error_has_a_next_step),
    cmocka_unit_test (test_errors_of_calls_have_the_step_that_fits_the_method),
  };

  setlocale (LC_CTYPE, "C.UTF-8");
  return cmocka_run_group_tests (tests, NULL, NULL);
}
