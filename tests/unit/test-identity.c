/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a card says of itself, and how often it is asked (agent/session/identity.h). */

#include "session/identity.h"

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
#define CHANNEL "01"
#define GET_EID_ANSWER "5A10" EID "9000"

typedef struct
{
  FakeModem *modem;
  EaCard *card;
  EaActivity *activity;
  EaLogContext log;
  EaIdentity *identity;
  guint n_failures;
  char *eid;
} Rig;

static void
on_eid_read (EaIdentity *identity, const char *eid, const GError *error, gpointer user_data)
{
  Rig *rig = user_data;

  assert_true ((eid == NULL) != (error == NULL));
  rig->n_failures += eid == NULL ? 1 : 0;
  g_free (rig->eid);
  rig->eid = g_strdup (eid);
}

static int
setup (void **state)
{
  Rig *rig = g_new0 (Rig, 1);

  rig->modem = fake_modem_new ();
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

/* Also one that was refused: who refuses may let go. */
static void
refuse_and_read (Rig *rig, EaModemError code)
{
  for (guint i = 0; i < 3; i++)
    fake_modem_fail (rig->modem, code);
  fake_modem_answer (rig->modem, CHANNEL);
  fake_modem_answer (rig->modem, GET_EID_ANSWER);
  fake_time_let_fly ();
  assert_true (ea_identity_read (rig->identity));
  WAIT_FOR (rig->eid != NULL);
  assert_int_equal (rig->n_failures, 3);
  assert_flown (30 + 60 + 120);
}

static void
test_an_eid_that_was_refused_is_read_in_the_end (void **state)
{
  refuse_and_read (*state, EA_MODEM_ERROR_ACCESS_DENIED);
}

static void
test_an_eid_that_failed_is_read_in_the_end (void **state)
{
  refuse_and_read (*state, EA_MODEM_ERROR_TIMEOUT);
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

#define IDENTITY_TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    IDENTITY_TEST (test_an_eid_is_read_once_for_each_card),
    IDENTITY_TEST (test_an_eid_that_was_refused_is_read_in_the_end),
    IDENTITY_TEST (test_an_eid_that_failed_is_read_in_the_end),
    IDENTITY_TEST (test_pauses_grow_to_an_hour),
    IDENTITY_TEST (test_another_card_is_asked_without_long_pauses),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
