/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a card says of itself, and how often it is asked (agent/session/identity.h). */

#include "session/identity.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-modem.h"
#include "fake-time.h"
#include "wait.h"

/* The EID of the ECASD, tag 5A, as in SGP.02 §4.1 */
#define EID "89001012012341234012345678901224"
#define MANY 20
#define CHANNEL "01"
#define GET_EID_ANSWER "5A10" EID "9000"

typedef struct Rig
{
  FakeModem *modem;
  EaCard *card;
  EaActivity *activity;
  EaLogContext log;
  EaIdentity *identity;
  guint n_failures;
  char *eid;
  void (*at_failure) (struct Rig *rig); /* NULL: nothing happens then */
} Rig;

static void
on_eid_read (EaIdentity *identity, const char *eid, const GError *error, gpointer user_data)
{
  Rig *rig = user_data;

  assert_true ((eid == NULL) != (error == NULL));
  rig->n_failures += eid == NULL ? 1 : 0;
  if (rig->n_failures == MANY)
    fake_time_stop (); /* a test that fails has an end */
  g_free (rig->eid);
  rig->eid = g_strdup (eid);
  if (eid == NULL && rig->at_failure != NULL)
    rig->at_failure (rig);
}

static int
setup (void **state)
{
  Rig *rig = g_new0 (Rig, 1);

  rig->modem = fake_modem_new ();
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_READY);
  rig->card = ea_card_new (EA_MODEM (rig->modem));
  rig->activity = ea_activity_new ();
  rig->identity = ea_identity_new (EA_MODEM (rig->modem), rig->card, rig->activity, &rig->log);
  g_signal_connect (rig->identity, "eid-read", G_CALLBACK (on_eid_read), rig);
  *state = rig;
  return 0;
}

static int
teardown (void **state)
{
  Rig *rig = *state;

  fake_time_stop ();
  g_object_run_dispose (G_OBJECT (rig->identity));
  g_object_unref (rig->identity);
  run_ready ();
  g_object_unref (rig->card);
  g_object_unref (rig->modem);
  g_object_unref (rig->activity);
  g_free (rig->eid);
  g_free (rig);
  return 0;
}

/* In seconds; the waits of a test itself fly, too. */
static void
assert_flown (guint expected_s)
{
  assert_in_range (fake_time_get_flown_ms () / 1000, expected_s, expected_s + 9);
}

static void
test_an_eid_is_read_once_for_each_card (void **state)
{
  Rig *rig = *state;

  fake_modem_answer (rig->modem, CHANNEL);
  fake_modem_answer (rig->modem, GET_EID_ANSWER);
  assert_true (ea_identity_read (rig->identity));
  WAIT_FOR (rig->eid != NULL);
  assert_string_equal (rig->eid, EID);
  assert_false (ea_identity_read (rig->identity));

  ea_identity_forget (rig->identity);
  fake_modem_answer (rig->modem, CHANNEL);
  fake_modem_answer (rig->modem, GET_EID_ANSWER);
  g_clear_pointer (&rig->eid, g_free);
  assert_true (ea_identity_read (rig->identity));
  WAIT_FOR (rig->eid != NULL);
}

static void
fail_and_read (Rig *rig, EaModemError code, guint expected_s)
{
  for (guint i = 0; i < 3; i++)
    fake_modem_fail (rig->modem, code);
  fake_modem_answer (rig->modem, CHANNEL);
  fake_modem_answer (rig->modem, GET_EID_ANSWER);
  fake_time_let_fly ();
  assert_true (ea_identity_read (rig->identity));
  WAIT_FOR (rig->eid != NULL);
  assert_int_equal (rig->n_failures, 3);
  assert_flown (expected_s);
}

/* Who refuses may let go, and sessions wait for it. */
static void
test_an_eid_that_was_refused_is_read_in_the_end (void **state)
{
  fail_and_read (*state, EA_MODEM_ERROR_ACCESS_DENIED, 30 + 60 + 120);
}

static void
test_an_eid_that_is_not_supported_is_read_in_the_end (void **state)
{
  fail_and_read (*state, EA_MODEM_ERROR_UNSUPPORTED, 30 + 60 + 120);
}

static void
test_an_eid_that_failed_is_read_in_the_end (void **state)
{
  fail_and_read (*state, EA_MODEM_ERROR_TIMEOUT, 30 + 60 + 120);
}

/* A card that is no eUICC is asked 24 times a day. */
static void
test_pauses_grow_to_an_hour (void **state)
{
  Rig *rig = *state;

  fake_time_let_fly ();
  assert_true (ea_identity_read (rig->identity));
  WAIT_FOR (rig->n_failures == 8);
  assert_flown (30 + 60 + 120 + 240 + 480 + 960 + 1920 + 3600);
  WAIT_FOR (rig->n_failures == 9);
  assert_flown (30 + 60 + 120 + 240 + 480 + 960 + 1920 + 3600 + 3600);
}

static void
test_another_card_is_asked_without_long_pauses (void **state)
{
  Rig *rig = *state;

  fake_time_let_fly ();
  assert_true (ea_identity_read (rig->identity));
  WAIT_FOR (rig->n_failures == 5);
  ea_identity_forget (rig->identity);
  rig->n_failures = 0;
  fake_time_let_fly ();
  assert_true (ea_identity_read (rig->identity));
  WAIT_FOR (rig->n_failures == 1);
  assert_flown (30);
}

/* The last error of an eUICC is what somebody looks for, not what everybody knows. */
static void
test_the_same_failure_again_is_no_news (void **state)
{
  Rig *rig = *state;
  g_autoptr (GError) other = g_error_new_literal (EA_MODEM_ERROR, EA_MODEM_ERROR_GONE, "another");
  g_autoptr (GVariant) last = NULL;
  const char *sentence;

  fake_modem_fail (rig->modem, EA_MODEM_ERROR_ACCESS_DENIED);
  assert_true (ea_identity_read (rig->identity));
  WAIT_FOR (rig->n_failures == 1);
  ea_activity_fail (rig->activity, other);
  fake_modem_fail (rig->modem, EA_MODEM_ERROR_ACCESS_DENIED);
  assert_true (ea_identity_read (rig->identity));
  WAIT_FOR (rig->n_failures == 2);

  last = g_variant_ref_sink (ea_activity_get_last_error (rig->activity));
  g_variant_get_child (last, 1, "&s", &sentence);
  assert_string_equal (sentence, "another");
}

static void
test_another_failure_is_news (void **state)
{
  Rig *rig = *state;
  g_autoptr (GVariant) last = NULL;
  const char *name;

  fake_modem_fail (rig->modem, EA_MODEM_ERROR_ACCESS_DENIED);
  assert_true (ea_identity_read (rig->identity));
  WAIT_FOR (rig->n_failures == 1);
  fake_modem_fail (rig->modem, EA_MODEM_ERROR_BUSY);
  assert_true (ea_identity_read (rig->identity));
  WAIT_FOR (rig->n_failures == 2);

  last = g_variant_ref_sink (ea_activity_get_last_error (rig->activity));
  g_variant_get_child (last, 0, "&s", &name);
  assert_non_null (strstr (name, "Busy"));
}

static void
test_time_outs_are_counted_each_time (void **state)
{
  Rig *rig = *state;
  g_autoptr (GVariant) counters = NULL;
  guint64 n_timeouts = 0;

  for (guint i = 0; i < 3; i++)
    fake_modem_fail (rig->modem, EA_MODEM_ERROR_TIMEOUT);
  fake_time_let_fly ();
  assert_true (ea_identity_read (rig->identity));
  WAIT_FOR (rig->n_failures == 3);

  counters = g_variant_ref_sink (ea_activity_get_counters (rig->activity));
  assert_true (g_variant_lookup (counters, EA_COUNTER_TIMEOUTS_CARD, "t", &n_timeouts));
  assert_int_equal (n_timeouts, 3);
}

/* Nothing is told, and nothing tried again, after a read that is given up while its answer is due. */
static void
give_up_reading (Rig *rig, void (*give_up) (Rig *rig))
{
  fake_time_let_fly ();
  assert_true (ea_identity_read (rig->identity));
  give_up (rig);
  run_ready ();
  assert_int_equal (rig->n_failures, 0);
  assert_null (rig->eid);
  assert_int_equal (fake_time_get_flown_ms (), 0);
}

/* The same while it waits to be tried again. */
static void
give_up_trying (Rig *rig, void (*give_up) (Rig *rig))
{
  rig->at_failure = give_up;
  fake_time_let_fly ();
  assert_true (ea_identity_read (rig->identity));
  WAIT_FOR (rig->n_failures == 1);
  run_ready ();
  assert_int_equal (rig->n_failures, 1);
}

static void
lose_card (Rig *rig)
{
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_ABSENT);
}

static void
break_card (Rig *rig)
{
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_FAILED);
}

static void
stop (Rig *rig)
{
  ea_identity_stop (rig->identity);
}

static void
forget (Rig *rig)
{
  ea_identity_forget (rig->identity);
}

static void
test_a_card_that_goes_while_it_is_read_has_no_answer (void **state)
{
  give_up_reading (*state, lose_card);
}

static void
test_a_card_that_fails_while_it_is_read_has_no_answer (void **state)
{
  give_up_reading (*state, break_card);
}

static void
test_an_answer_of_a_card_that_is_forgotten_is_not_told (void **state)
{
  give_up_reading (*state, forget);
}

static void
test_an_answer_after_the_stop_is_not_told (void **state)
{
  give_up_reading (*state, stop);
}

static void
test_without_a_card_nothing_is_tried_again (void **state)
{
  give_up_trying (*state, lose_card);
}

static void
test_a_card_that_has_failed_is_not_tried_again (void **state)
{
  give_up_trying (*state, break_card);
}

static void
test_a_card_that_is_refreshed_is_not_tried_again_meanwhile (void **state)
{
  give_up_trying (*state, stop);
}

/* A good answer is no less late. */
static void
test_the_next_card_is_not_taken_for_the_one_before (void **state)
{
  Rig *rig = *state;

  fake_modem_answer (rig->modem, CHANNEL);
  fake_modem_answer (rig->modem, GET_EID_ANSWER);
  assert_true (ea_identity_read (rig->identity));
  lose_card (rig);
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_READY);
  run_ready ();
  assert_null (rig->eid);

  fake_modem_answer (rig->modem, CHANNEL);
  fake_modem_answer (rig->modem, GET_EID_ANSWER);
  assert_true (ea_identity_read (rig->identity));
  WAIT_FOR (rig->eid != NULL);
  assert_int_equal (rig->n_failures, 0);
}

/* Whoever stops reads on. */
static void
test_what_was_stopped_is_read_when_it_is_asked_for (void **state)
{
  Rig *rig = *state;

  assert_true (ea_identity_read (rig->identity));
  stop (rig);
  run_ready ();
  fake_modem_answer (rig->modem, CHANNEL);
  fake_modem_answer (rig->modem, GET_EID_ANSWER);
  assert_true (ea_identity_read (rig->identity));
  WAIT_FOR (rig->eid != NULL);
  stop (rig);
  assert_false (ea_identity_read (rig->identity));
}

#define IDENTITY_TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    IDENTITY_TEST (test_an_eid_is_read_once_for_each_card),
    IDENTITY_TEST (test_an_eid_that_was_refused_is_read_in_the_end),
    IDENTITY_TEST (test_an_eid_that_is_not_supported_is_read_in_the_end),
    IDENTITY_TEST (test_an_eid_that_failed_is_read_in_the_end),
    IDENTITY_TEST (test_pauses_grow_to_an_hour),
    IDENTITY_TEST (test_another_card_is_asked_without_long_pauses),
    IDENTITY_TEST (test_the_same_failure_again_is_no_news),
    IDENTITY_TEST (test_another_failure_is_news),
    IDENTITY_TEST (test_time_outs_are_counted_each_time),
    IDENTITY_TEST (test_a_card_that_goes_while_it_is_read_has_no_answer),
    IDENTITY_TEST (test_a_card_that_fails_while_it_is_read_has_no_answer),
    IDENTITY_TEST (test_an_answer_of_a_card_that_is_forgotten_is_not_told),
    IDENTITY_TEST (test_an_answer_after_the_stop_is_not_told),
    IDENTITY_TEST (test_without_a_card_nothing_is_tried_again),
    IDENTITY_TEST (test_a_card_that_has_failed_is_not_tried_again),
    IDENTITY_TEST (test_a_card_that_is_refreshed_is_not_tried_again_meanwhile),
    IDENTITY_TEST (test_the_next_card_is_not_taken_for_the_one_before),
    IDENTITY_TEST (test_what_was_stopped_is_read_when_it_is_asked_for),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
