/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the terminal tells of its own accord (agent/session/envelopes.h), in front of a card that is busy, has
 * commands, or refuses.
 */

#include "session/envelopes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-modem.h"
#include "fake-time.h"
#include "helpers.h"
#include "session/pacer.h"
#include "wait.h"

/* Timer expirations of timers 1 to 3, TS 102 223 §7.4.2 */
#define FIRST "D70C82028281A40101A503000001"
#define SECOND "D70C82028281A40102A503000001"
#define THIRD "D70C82028281A40103A503000001"

#define BUSY "9300"
#define HAS_COMMAND "910B"

/* News of one kind; what the card has not taken stays. */
typedef struct
{
  GQueue waiting; /* of hex; static */
  guint n_pulled;
  guint n_taken;
} News;

typedef struct
{
  FakeModem *modem;
  EaCard *card;
  EaActivity *activity;
  EaLogContext log;
  EaEnvelopes *envelopes;
  News timers;
  News events;
  guint n_idle;
} Bench;

static gboolean
has_news (gpointer user_data)
{
  News *news = user_data;

  return !g_queue_is_empty (&news->waiting);
}

static GBytes *
pull (gpointer user_data)
{
  News *news = user_data;

  if (g_queue_is_empty (&news->waiting))
    return NULL;
  news->n_pulled++;
  return bytes_of (g_queue_peek_head (&news->waiting));
}

static void
done (gboolean is_taken, gpointer user_data)
{
  News *news = user_data;

  if (!is_taken)
    return;
  news->n_taken++;
  g_queue_pop_head (&news->waiting);
}

static void
on_idle (Bench *bench)
{
  bench->n_idle++;
}

static void
add_source (Bench *bench, News *news)
{
  EaEnvelopeSource source = { has_news, pull, done, news };

  g_queue_init (&news->waiting);
  ea_envelopes_add_source (bench->envelopes, &source);
}

static int
setup (void **state)
{
  Bench *bench = g_new0 (Bench, 1);

  fake_time_stop ();
  bench->modem = fake_modem_new ();
  fake_modem_answer_all (bench->modem, "9000");
  bench->card = ea_card_new (EA_MODEM (bench->modem));
  bench->activity = ea_activity_new ();
  bench->envelopes = ea_envelopes_new (bench->card, bench->activity, &bench->log);
  add_source (bench, &bench->timers);
  add_source (bench, &bench->events);
  g_signal_connect_swapped (bench->envelopes, "idle", G_CALLBACK (on_idle), bench);
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  Bench *bench = *state;

  ea_envelopes_end (bench->envelopes);
  run_ready ();
  assert_string_equal (fake_modem_read_diary (bench->modem), "");
  g_queue_clear (&bench->timers.waiting);
  g_queue_clear (&bench->events.waiting);
  g_object_unref (bench->envelopes);
  g_object_unref (bench->card);
  g_object_unref (bench->activity);
  g_object_unref (bench->modem);
  g_free (bench);
  return 0;
}

static void
tell_of (Bench *bench, News *news, const char *hex)
{
  g_queue_push_tail (&news->waiting, (gpointer) hex);
  ea_envelopes_poke (bench->envelopes);
}

static void
push (Bench *bench, const char *hex)
{
  tell_of (bench, &bench->timers, hex);
}

static void
expect (Bench *bench, const char *hex)
{
  g_autofree char *line = g_strconcat ("envelope ", hex, NULL);

  assert_string_equal (fake_modem_await_line (bench->modem), line);
}

static void
expect_nothing (Bench *bench)
{
  run_ready ();
  assert_string_equal (fake_modem_read_diary (bench->modem), "");
}

static void
assert_last_error (Bench *bench, const char *name)
{
  g_autoptr (GVariant) error = g_variant_ref_sink (ea_activity_get_last_error (bench->activity));
  const char *actual;

  g_variant_get (error, "(&s&s)", &actual, NULL);
  assert_string_equal (actual, name);
}

static void
test_envelopes_go_one_by_one_in_order (void **state)
{
  Bench *bench = *state;

  push (bench, FIRST);
  push (bench, SECOND);
  push (bench, THIRD);
  assert_false (ea_envelopes_is_idle (bench->envelopes));
  assert_string_equal (fake_modem_read_diary (bench->modem), "envelope " FIRST);
  expect (bench, SECOND);
  expect (bench, THIRD);
  run_ready ();
  assert_true (ea_envelopes_is_idle (bench->envelopes));
  assert_int_equal (bench->n_idle, 1);
}

static void
test_nothing_is_told_while_a_command_is_open (void **state)
{
  Bench *bench = *state;

  ea_envelopes_set_command_open (bench->envelopes, TRUE);
  push (bench, FIRST);
  expect_nothing (bench);
  assert_false (ea_envelopes_is_idle (bench->envelopes));
  ea_envelopes_set_command_open (bench->envelopes, FALSE);
  expect (bench, FIRST);
}

static void
test_command_that_comes_while_one_is_told_holds_the_next (void **state)
{
  Bench *bench = *state;

  push (bench, FIRST);
  push (bench, SECOND);
  ea_envelopes_set_command_open (bench->envelopes, TRUE);
  expect (bench, FIRST);
  expect_nothing (bench);
  ea_envelopes_set_command_open (bench->envelopes, FALSE);
  expect (bench, SECOND);
}

static void
test_card_that_has_a_command_is_told_nothing_before_it_was_answered (void **state)
{
  Bench *bench = *state;

  fake_modem_answer (bench->modem, HAS_COMMAND);
  push (bench, FIRST);
  push (bench, SECOND);
  expect (bench, FIRST);
  expect_nothing (bench);
  ea_envelopes_set_command_open (bench->envelopes, TRUE);
  expect_nothing (bench);
  ea_envelopes_set_command_open (bench->envelopes, FALSE);
  expect (bench, SECOND);
}

static void
test_telling_is_not_idle_before_a_command_that_was_announced (void **state)
{
  Bench *bench = *state;

  fake_modem_answer (bench->modem, HAS_COMMAND);
  push (bench, FIRST);
  expect (bench, FIRST);
  run_ready ();
  assert_false (ea_envelopes_is_idle (bench->envelopes));
  assert_int_equal (bench->n_idle, 0);
  ea_envelopes_set_command_open (bench->envelopes, TRUE);
  ea_envelopes_set_command_open (bench->envelopes, FALSE);
  assert_true (ea_envelopes_is_idle (bench->envelopes));
  assert_int_equal (bench->n_idle, 1);
}

static void
test_session_that_ends_means_that_no_command_comes (void **state)
{
  Bench *bench = *state;

  fake_modem_answer (bench->modem, HAS_COMMAND);
  push (bench, FIRST);
  push (bench, SECOND);
  expect (bench, FIRST);
  expect_nothing (bench);
  ea_envelopes_expect_no_command (bench->envelopes);
  expect (bench, SECOND);
}

static void
test_command_that_does_not_come_is_waited_for_two_seconds (void **state)
{
  Bench *bench = *state;

  fake_time_let_fly ();
  fake_modem_answer (bench->modem, HAS_COMMAND);
  push (bench, FIRST);
  push (bench, SECOND);
  expect (bench, FIRST);
  expect (bench, SECOND);
  assert_in_range (fake_time_get_flown_ms (), 2000, 2001);
}

static void
test_busy_card_is_asked_again_before_others_are_told (void **state)
{
  Bench *bench = *state;

  fake_time_let_fly ();
  fake_modem_answer (bench->modem, BUSY);
  fake_modem_answer (bench->modem, BUSY);
  fake_modem_fail (bench->modem, EA_MODEM_ERROR_BUSY); /* as a modem says it that knows 93 00 */
  push (bench, FIRST);
  push (bench, SECOND);
  for (guint i = 0; i < 4; i++)
    expect (bench, FIRST);
  expect (bench, SECOND);
  /* and the pause of the activity's news */
  assert_int_equal (fake_time_get_flown_ms (), 3 * 250 + EA_PACER_INTERVAL_MS);
}

static void
test_busy_card_that_has_a_command_is_asked_again_after_it (void **state)
{
  Bench *bench = *state;

  fake_time_let_fly ();
  fake_modem_answer (bench->modem, BUSY);
  push (bench, FIRST);
  ea_envelopes_set_command_open (bench->envelopes, TRUE);
  expect (bench, FIRST);
  expect_nothing (bench);
  ea_envelopes_set_command_open (bench->envelopes, FALSE);
  expect (bench, FIRST);
}

static void
refuse (Bench *bench, guint n)
{
  for (guint i = 0; i < n; i++)
    fake_modem_answer (bench->modem, "6F00");
}

/* Refused, lost on the way, or answered with what is no answer */
static void
test_what_the_card_has_not_taken_is_told_again (void **state)
{
  Bench *bench = *state;

  fake_time_let_fly ();
  refuse (bench, 1);
  fake_modem_fail (bench->modem, EA_MODEM_ERROR_TIMEOUT);
  fake_modem_answer (bench->modem, "90");
  fake_modem_answer (bench->modem, "");
  push (bench, FIRST);
  for (guint i = 0; i < 5; i++)
    expect (bench, FIRST);
  run_ready ();
  assert_int_equal (bench->timers.n_pulled, 5);
  assert_int_equal (bench->timers.n_taken, 1);
  assert_int_equal (fake_time_get_flown_ms (), 4 * 250 + EA_PACER_INTERVAL_MS);
}

static void
test_operator_hears_of_a_card_that_takes_nothing_for_twenty_seconds (void **state)
{
  Bench *bench = *state;

  fake_time_let_fly ();
  refuse (bench, 82);
  push (bench, FIRST);
  for (guint i = 0; i < 80; i++)
    expect (bench, FIRST);
  assert_int_equal (fake_time_get_flown_ms (), 79 * 250);
  expect (bench, FIRST);
  /* and the pause of the activity's news */
  assert_in_range (fake_time_get_flown_ms (), 79 * 250 + 5000,
                   79 * 250 + 5000 + EA_PACER_INTERVAL_MS);
  assert_last_error (bench, "org.euicc.Agent1.Error.ModemFailed");
  expect (bench, FIRST);
  expect (bench, FIRST);
  run_ready ();
  assert_int_equal (bench->timers.n_taken, 1);
}

static void
test_card_that_refuses_one_kind_hears_the_other (void **state)
{
  Bench *bench = *state;

  fake_time_let_fly ();
  refuse (bench, 1);
  ea_envelopes_set_command_open (bench->envelopes, TRUE);
  push (bench, FIRST);
  tell_of (bench, &bench->events, SECOND);
  tell_of (bench, &bench->events, THIRD);
  ea_envelopes_set_command_open (bench->envelopes, FALSE);
  expect (bench, FIRST);
  expect (bench, SECOND);
  expect (bench, FIRST);
  expect (bench, THIRD);
}

/* The card's turn comes after the SMS before it, and that may bring a command. */
static void
test_nothing_is_told_in_its_turn_when_a_command_was_announced_before (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) sms = bytes_of ("D1020000");

  fake_modem_answer (bench->modem, HAS_COMMAND);
  ea_card_send_envelope_async (bench->card, sms, NULL, NULL, NULL);
  push (bench, FIRST);
  expect (bench, "D1020000");
  expect_nothing (bench);
  assert_int_equal (bench->timers.n_pulled, 0);
  ea_envelopes_set_command_open (bench->envelopes, TRUE);
  ea_envelopes_set_command_open (bench->envelopes, FALSE);
  expect (bench, FIRST);
}

static void
test_card_that_starts_anew_does_not_count_what_it_was_told_before (void **state)
{
  Bench *bench = *state;

  fake_modem_answer (bench->modem, HAS_COMMAND);
  push (bench, FIRST);
  expect (bench, FIRST);
  ea_envelopes_reset (bench->envelopes);
  expect_nothing (bench);
  assert_int_equal (bench->timers.n_taken, 0);
  ea_envelopes_expect_no_command (bench->envelopes);
  expect (bench, FIRST);
}

static void
test_reset_forgets_the_pause_after_a_failure (void **state)
{
  Bench *bench = *state;

  refuse (bench, 1);
  push (bench, FIRST);
  expect (bench, FIRST);
  expect_nothing (bench);
  ea_envelopes_reset (bench->envelopes);
  ea_envelopes_poke (bench->envelopes);
  expect (bench, FIRST);
}

static void
test_sources_are_not_asked_after_the_end (void **state)
{
  Bench *bench = *state;

  ea_envelopes_end (bench->envelopes);
  push (bench, FIRST);
  expect_nothing (bench);
  assert_int_equal (bench->timers.n_pulled, 0);
  assert_true (ea_envelopes_is_idle (bench->envelopes));
}

#define BENCH_TEST(function) cmocka_unit_test_setup_teardown (function, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    BENCH_TEST (test_envelopes_go_one_by_one_in_order),
    BENCH_TEST (test_nothing_is_told_while_a_command_is_open),
    BENCH_TEST (test_command_that_comes_while_one_is_told_holds_the_next),
    BENCH_TEST (test_card_that_has_a_command_is_told_nothing_before_it_was_answered),
    BENCH_TEST (test_telling_is_not_idle_before_a_command_that_was_announced),
    BENCH_TEST (test_session_that_ends_means_that_no_command_comes),
    BENCH_TEST (test_command_that_does_not_come_is_waited_for_two_seconds),
    BENCH_TEST (test_busy_card_is_asked_again_before_others_are_told),
    BENCH_TEST (test_busy_card_that_has_a_command_is_asked_again_after_it),
    BENCH_TEST (test_what_the_card_has_not_taken_is_told_again),
    BENCH_TEST (test_operator_hears_of_a_card_that_takes_nothing_for_twenty_seconds),
    BENCH_TEST (test_card_that_refuses_one_kind_hears_the_other),
    BENCH_TEST (test_nothing_is_told_in_its_turn_when_a_command_was_announced_before),
    BENCH_TEST (test_card_that_starts_anew_does_not_count_what_it_was_told_before),
    BENCH_TEST (test_reset_forgets_the_pause_after_a_failure),
    BENCH_TEST (test_sources_are_not_asked_after_the_end),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
